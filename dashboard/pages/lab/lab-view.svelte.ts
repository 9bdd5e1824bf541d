// What the page /lab shows, put together from its address, what the broker says of itself, and what has been run.

import type { Lab } from '../../../shared/lab.ts'
import { expectedFindings, paramsOf } from '../../../shared/lab-expected.ts'
import type { KeepingFacts } from '../../../shared/lab-facts.ts'
import { type LabTest, labTests } from '../../../shared/lab-tests.ts'
import { account } from '../../app/account.svelte.ts'
import { get } from '../../app/api.ts'
import { Loaded } from '../../app/loaded.svelte.ts'
import { router } from '../../app/router.svelte.ts'
import { urlFor } from '../../app/routes.ts'
import { webSocketUrl } from '../start/addresses.ts'
import { unavailableBecause } from './available.ts'
import type { Cell } from './CellTable.svelte'
import { type LabAddress, readAddress, writeAddress } from './lab-address.ts'
import { type Known, LabBench } from './lab-bench.svelte.ts'
import { arrivedInShort, outcomeInShort } from './outcome-words.ts'
import { beginElsewhere, standardFacts } from './place-elsewhere.ts'
import { beginHere } from './place-here.ts'
import type { TestRow } from './TestRows.svelte'

/** The test stands beside the list, as in LabPage.svelte. */
const BESIDE = '(min-width: 1000px)'

/** Made while the page is set up, and ends with it. */
export class LabView {
  readonly bench = new LabBench()
  readonly loaded = new Loaded(() => get<Lab>('/lab'))
  readonly address: LabAddress = $derived(readAddress(router.query))
  readonly isHere: boolean = $derived(this.address.url === undefined)
  /** Undefined until the broker has said what it is like. */
  readonly facts: KeepingFacts | undefined = $derived(this.isHere ? this.loaded.data?.facts : standardFacts)
  readonly url: string = $derived.by(() => {
    const facts = this.loaded.data?.facts
    return this.address.url ?? (facts === undefined ? '' : webSocketUrl(location, facts))
  })
  /** Why the one who looks cannot run anything; undefined when they can. */
  readonly refused: string | undefined = $derived.by(() => {
    const { me } = account
    if (me === undefined) return undefined
    if (me.readOnly) return 'The broker is read-only (admin-read-only), so nothing can be run now.'
    return me.grants.includes('publish:test')
      ? undefined
      : 'To run tests takes the grant publish:test, which an admin gives.'
  })

  /** Without a jump to the head of the page; a new tab and the like are the browser's. */
  select(event: MouseEvent, test: LabTest): void {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    router.set(writeAddress({ ...this.address, test }), 'push')
    // Where the test stands below the list, whoever chose it wants to see it.
    if (!matchMedia(BESIDE).matches) document.getElementById('lab-test')?.scrollIntoView()
  }

  hrefOf(test: LabTest): string {
    return urlFor.lab(writeAddress({ ...this.address, test }))
  }

  go(changes: Partial<LabAddress>): void {
    router.replace(urlFor.lab(writeAddress({ ...this.address, ...changes })))
  }

  unavailable(test: LabTest): string | undefined {
    return this.facts === undefined ? undefined : unavailableBecause(test, this.facts, this.isHere)
  }

  /** The result of a test, and not one of the same name with other parameters. */
  resultOf(test: LabTest): Known | undefined {
    const known = this.bench.results.get(test.id)
    if (known === undefined || test.id !== 'own') return known
    return JSON.stringify(known.params) === JSON.stringify(test.params) ? known : undefined
  }

  verdictOf(test: LabTest): TestRow['verdict'] {
    const { state } = this.bench
    if (state.at === 'running' && state.test === test.id) return 'running'
    return this.resultOf(test)?.verdict ?? 'none'
  }

  rows(group: LabTest['group'], facts: KeepingFacts): readonly TestRow[] {
    return labTests
      .filter(test => test.group === group)
      .map(test => ({
        test,
        href: this.hrefOf(test),
        outcome: this.#outcome(test, facts),
        verdict: this.verdictOf(test),
        unavailable: this.unavailable(test),
      }))
  }

  cells(facts: KeepingFacts): ReadonlyMap<string, Cell> {
    const cells = labTests.filter(({ group }) => group === 'table')
    return new Map(
      cells.map(test => {
        const { messages } = paramsOf(test, facts)
        const result = this.resultOf(test)
        const findings = result?.verdict === 'failed' ? result.observed : expectedFindings(test, facts)
        const cell = {
          test,
          href: this.hrefOf(test),
          title: test.title,
          outcome: arrivedInShort(findings, messages),
          verdict: this.verdictOf(test),
        }
        return [test.id, cell]
      }),
    )
  }

  /** Those that can be run on this broker. */
  get all(): readonly LabTest[] {
    return labTests.filter(test => test.group !== 'own' && this.unavailable(test) === undefined)
  }

  run(tests: readonly LabTest[]): Promise<void> {
    const { facts, url } = this
    if (facts === undefined) return Promise.resolve()
    const by = account.me?.name ?? ''
    const ids = tests.map(({ id }) => id)
    return this.bench.run({
      tests,
      url,
      facts,
      by,
      isStepwise: this.address.isStepwise,
      begin: paho => (this.isHere ? beginHere(ids) : beginElsewhere({ paho, url, by })),
    })
  }

  #outcome(test: LabTest, facts: KeepingFacts): string {
    const { script } = test
    const { messages } = paramsOf(test, facts)
    const result = this.resultOf(test)
    const expected = outcomeInShort(script, expectedFindings(test, facts), messages)
    if (result?.verdict !== 'failed') return expected
    return `${outcomeInShort(script, result.observed, messages)}, but expected: ${expected}`
  }
}
