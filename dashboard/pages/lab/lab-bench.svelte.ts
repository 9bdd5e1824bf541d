// Runs tests one after the other, and holds what is known of each: the last result, or what is coming in right now.

import type { TimelineEntry } from '../../../shared/history.ts'
import type { LabPacket, LabReport, LabResult, LabSummary } from '../../../shared/lab.ts'
import { judge } from '../../../shared/lab-expected.ts'
import type { KeepingFacts } from '../../../shared/lab-facts.ts'
import type { LabTest } from '../../../shared/lab-tests.ts'
import type { Paho } from '../../paho/paho-session.ts'
import { NotConnected } from '../../paho/problem.ts'
import type { Place } from './place.ts'
import { runTest } from './run-test.ts'
import { StepGate, Stopped } from './step-gate.svelte.ts'

/** The broker notices some things, as that messages begin to wait, a moment later. */
const LOOK_EVERY_MS = 1_000

export type BenchState =
  | { readonly at: 'idle' }
  | { readonly at: 'running'; readonly test: string; readonly done: number; readonly of: number }
  | { readonly at: 'ending' }

export interface Running {
  readonly test: string
  readonly packets: readonly LabPacket[]
  readonly timeline: readonly TimelineEntry[]
}

/** A result with or without packets and timeline, which are fetched when somebody looks at it. */
export type Known = LabSummary & Partial<Pick<LabResult, 'packets' | 'timeline'>>

export interface RunGiven {
  readonly tests: readonly LabTest[]
  readonly url: string
  readonly facts: KeepingFacts
  readonly by: string
  readonly isStepwise: boolean
  readonly begin: (paho: Paho) => Promise<Place> | Place
}

export class LabBench {
  readonly gate = new StepGate()
  #state = $state.raw<BenchState>({ at: 'idle' })
  #running = $state.raw<Running | undefined>(undefined)
  #results = $state.raw<ReadonlyMap<string, Known>>(new Map())
  #problem = $state.raw<unknown>(undefined)
  #place: Place | undefined

  get state(): BenchState {
    return this.#state
  }

  /** What the running test has shown so far. */
  get running(): Running | undefined {
    return this.#running
  }

  get results(): ReadonlyMap<string, Known> {
    return this.#results
  }

  /** Why the last run did not come to its end. */
  get problem(): unknown {
    return this.#problem
  }

  /** What the broker knows of earlier runs; what was seen here meanwhile stands. */
  know(results: readonly Known[]): void {
    this.#take(results.filter(({ test }) => this.#results.get(test)?.packets === undefined))
  }

  fail(problem: unknown): void {
    this.#problem = problem
  }

  forgetAll(): void {
    this.#results = new Map()
    this.#problem = undefined
  }

  /** Resolves when it has ended and nothing of it is left. */
  async run(given: RunGiven): Promise<void> {
    if (this.#state.at !== 'idle') return
    this.#problem = undefined
    this.#state = { at: 'running', test: given.tests[0]?.id ?? '', done: 0, of: given.tests.length }
    this.gate.open(given.isStepwise)
    try {
      // Loaded when first needed: the page itself works without it.
      const { default: paho } = await import('paho-mqtt')
      const place = await given.begin(paho)
      this.#place = place
      const reports = await this.#runAll(given, paho, place)
      this.#state = { at: 'ending' }
      this.#take(await place.end(reports))
    } catch (error) {
      this.#problem = error
    } finally {
      this.#place = undefined
      this.#running = undefined
      this.#state = { at: 'idle' }
    }
  }

  stop(): void {
    this.gate.stop()
  }

  /** The page is being left: the broker is told at once, and would find out by itself. */
  leave(): void {
    this.#place?.leave()
  }

  #take(results: readonly Known[]): void {
    this.#results = new Map([...this.#results, ...results.map(result => [result.test, result] as const)])
  }

  async #runAll(given: RunGiven, paho: Paho, place: Place): Promise<readonly LabReport[]> {
    const reports: LabReport[] = []
    for (const [done, test] of given.tests.entries()) {
      this.#state = { at: 'running', test: test.id, done, of: given.tests.length }
      this.#running = { test: test.id, packets: [], timeline: [] }
      const { report, error } = await this.#runOne(test, given, paho, place)
      if (error instanceof Stopped) break
      reports.push(report)
      const { observed, problem, ...facts } = report
      const judged = judge(test, report, given.facts)
      const at = new Date().toISOString()
      const expected = [...judged.expected]
      this.#take([{ ...facts, ...judged, expected, observed, problem, at, by: given.by }])
      if (!(error instanceof NotConnected)) continue
      // The others would come no further.
      this.#problem = error
      break
    }
    return reports
  }

  #runOne(test: LabTest, { url, facts }: RunGiven, paho: Paho, place: Place) {
    let latest: () => readonly LabPacket[] = () => []
    let isAsked = false
    // Once for each picture, however many come.
    const show = (packets: () => readonly LabPacket[]): void => {
      latest = packets
      if (isAsked) return
      isAsked = true
      requestAnimationFrame(() => {
        isAsked = false
        if (this.#running?.test === test.id) this.#running = { ...this.#running, packets: latest() }
      })
    }
    return runTest(test, {
      paho,
      url,
      facts,
      clientId: place.clientId(test.id),
      topic: place.topic(test.id),
      act: place.act(test.id),
      onPackets: show,
      step: async title => {
        const stopLooking = this.gate.isStepwise ? this.#watchTimeline(test.id, place) : undefined
        await this.gate.pass(title).finally(stopLooking)
      },
    })
  }

  /** While somebody goes step by step, the broker's side is shown as well. Returns what ends it. */
  #watchTimeline(test: string, place: Place): () => void {
    void this.#lookAtTimeline(test, place)
    const timer = setInterval(() => void this.#lookAtTimeline(test, place), LOOK_EVERY_MS)
    return () => clearInterval(timer)
  }

  async #lookAtTimeline(test: string, place: Place): Promise<void> {
    try {
      const timeline = await place.timeline(test)
      if (this.#running?.test === test) this.#running = { ...this.#running, timeline }
    } catch (error) {
      this.#problem = error
    }
  }
}
