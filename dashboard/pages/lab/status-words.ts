// How a run stands, or how the last ones went, in one sentence.

import type { LabTest } from '../../../shared/lab-tests.ts'
import { wordTime } from '../../app/words.ts'
import type { BenchState, Known } from './lab-bench.svelte.ts'

export interface Standing {
  readonly state: BenchState
  readonly step: string
  readonly isWaiting: boolean
  readonly tests: readonly LabTest[]
  readonly resultOf: (test: LabTest) => Known | undefined
}

export function statusWords({ state, step, isWaiting, tests, resultOf }: Standing): string {
  if (state.at === 'ending') return 'Cleaning up…'
  if (state.at === 'running') {
    const place = state.of === 1 ? '' : `${state.done + 1} of ${state.of}: `
    return isWaiting ? `${place}next: ${step}` : `${place}${step}`
  }
  const results = tests.map(resultOf).filter(result => result !== undefined)
  const newest = results
    .map(({ at }) => at)
    .sort()
    .at(-1)
  if (newest === undefined) return 'Nobody has run the tests here yet.'
  const passed = results.filter(({ verdict }) => verdict === 'passed').length
  const wrong = results.length - passed
  const counts = wrong === 0 ? `${passed} passed` : `${passed} passed, ${wrong} not passed`
  const left = tests.length - results.length
  const missing = left === 0 ? '' : `, ${left} not run`
  return `${counts}${missing}; the last at ${wordTime(new Date(newest))}, and nothing is left of it.`
}
