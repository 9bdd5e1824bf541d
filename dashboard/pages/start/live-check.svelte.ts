// Runs the live check once at a time, and holds what each of its steps has shown.

import type { StartFacts } from '../../../shared/start-facts.ts'
import { Problem } from '../../paho/problem.ts'
import { type CheckRun, type CheckStep, checkSteps, cleanUpStep, startRun } from './check-steps.ts'

export type StepResult =
  | { readonly at: 'waiting' }
  | { readonly at: 'running' }
  | { readonly at: 'done'; readonly observed: string; readonly ms: number }
  | { readonly at: 'failed'; readonly problem: string; readonly advice: string | undefined }
  /** A step before it failed. */
  | { readonly at: 'skipped' }

export type CheckState =
  | { readonly at: 'idle' }
  | { readonly at: 'running' }
  | { readonly at: 'passed'; readonly ms: number }
  | { readonly at: 'failed'; readonly step: number; readonly problem: string }

export const steps: readonly CheckStep[] = [...checkSteps, cleanUpStep]

/** One client id for each tab, so that the next check clears away what a closed page left behind. */
const ID_KEY = 'holdfast.check'

export class LiveCheck {
  #state = $state.raw<CheckState>({ at: 'idle' })
  #results = $state.raw<readonly StepResult[]>(steps.map(() => ({ at: 'waiting' })))

  get state(): CheckState {
    return this.#state
  }

  get results(): readonly StepResult[] {
    return this.#results
  }

  async run(url: string, facts: StartFacts): Promise<void> {
    if (this.#state.at === 'running') return
    this.#state = { at: 'running' }
    this.#results = steps.map(() => ({ at: 'waiting' }))
    const started = performance.now()
    this.#set(0, { at: 'running' })
    try {
      // Loaded when first needed: the page itself works without it.
      const { default: paho } = await import('paho-mqtt')
      const run = startRun(paho, url, ownId(), facts)
      await this.#runAll(run)
      run.subscriber.forget()
      run.publisher.forget()
    } catch (error) {
      this.#fail(0, error)
      this.#skipFrom(1)
    }
    const ms = performance.now() - started
    this.#state = this.#outcome(ms)
  }

  async #runAll(run: CheckRun): Promise<void> {
    for (const [index, step] of checkSteps.entries()) {
      if (await this.#runStep(index, step, run)) continue
      this.#skipFrom(index + 1)
      break
    }
    await this.#runStep(checkSteps.length, cleanUpStep, run)
  }

  /** Resolves to whether it went well. */
  async #runStep(index: number, step: CheckStep, run: CheckRun): Promise<boolean> {
    this.#set(index, { at: 'running' })
    const started = performance.now()
    try {
      const observed = await step.run(run)
      this.#set(index, { at: 'done', observed, ms: performance.now() - started })
      return true
    } catch (error) {
      this.#fail(index, error)
      return false
    }
  }

  #fail(index: number, error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error)
    const advice = error instanceof Problem ? error.advice : undefined
    this.#set(index, { at: 'failed', problem, advice })
  }

  #skipFrom(index: number): void {
    for (let later = index; later < steps.length; later++) this.#set(later, { at: 'skipped' })
  }

  #set(index: number, result: StepResult): void {
    this.#results = this.#results.with(index, result)
  }

  #outcome(ms: number): CheckState {
    for (const [index, result] of this.#results.entries()) {
      if (result.at === 'failed') return { at: 'failed', step: index + 1, problem: result.problem }
    }
    return { at: 'passed', ms }
  }
}

function ownId(): string {
  const known = sessionStorage.getItem(ID_KEY)
  if (known !== null) return known
  const bytes = crypto.getRandomValues(new Uint8Array(8))
  const id = Array.from(bytes, byte => (byte % 36).toString(36)).join('')
  sessionStorage.setItem(ID_KEY, id)
  return id
}
