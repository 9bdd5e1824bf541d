// Carries out one operation, item by item, at its pace; what it has begun and what came of it is on the disk in time.
//
// An item begins only after the disk knows that it may (`begun`). So after a crash only items below that mark and
// without a result can have been done: they are looked at anew, and done if they were not.

import type { Clock, Millis } from '../../clock.ts'
import type { Member } from '../plans/member.ts'
import { failed, type ItemResult, type NumberedResult } from './item-result.ts'
import {
  ACTING_MAX,
  BEGIN_AHEAD_MIN,
  READ_AHEAD,
  SAVE_EVERY_MS,
  SAVE_RETRY_MS,
  TICK_MS,
  UNSAVED_MAX,
} from './limits.ts'
import { Pace } from './pace.ts'

export interface RunGiven {
  readonly clock: Clock
  /** Calls `act` once after that time unless what it returns is called before. */
  after(delayMs: Millis, act: () => void): () => void
  /** Members from that number on, as many as there are. */
  read(from: number, count: number): Promise<readonly Member[]>
  /** `mayBeDone`: an earlier process may have done it. */
  act(member: Member, number: number, mayBeDone: boolean): Promise<ItemResult>
  /** Resolves when all of it is on the disk, or nothing is: then it rejects. */
  save(results: readonly NumberedResult[], mark: RunMark): Promise<void>
  /** Nothing begins while it says why. */
  holdUp(): 'read-only' | undefined
  problem(what: string, error: unknown): void
}

/** How far an operation is, in numbers of items: all below `settled` have a result, and none from `begun` on was touched. */
export interface RunMark {
  readonly settled: number
  readonly begun: number
}

export interface RunSpan {
  /** Of the list, blocked ones included. */
  readonly items: number
  readonly ratePerSecond: number
  /** As an earlier process has left it. */
  readonly begun: number
  /** Items below that have no result, and may have been done. */
  readonly open: readonly number[]
}

export type RunEnd = 'done' | 'cancelled' | 'stopped'

export class Run {
  waitsFor: 'read-only' | 'database' | undefined = undefined
  readonly #given: RunGiven
  readonly #span: RunSpan
  readonly #open: number[]
  readonly #beginAhead: number
  #next: number
  #begunOnDisk: number
  /** In the order in which they have begun. */
  readonly #acting = new Set<number>()
  #results: NumberedResult[] = []
  #page: { readonly from: number; readonly members: readonly Member[] } = { from: 0, members: [] }
  /** cancelled: nothing more begins; stopped: nor in this process, but the next one goes on. */
  #ending: 'cancelled' | 'stopped' | undefined = undefined
  #wake: () => void = () => undefined

  constructor(span: RunSpan, given: RunGiven) {
    this.#span = span
    this.#given = given
    this.#open = [...span.open]
    this.#next = span.begun
    this.#begunOnDisk = span.begun
    this.#beginAhead = Math.max(BEGIN_AHEAD_MIN, Math.ceil(span.ratePerSecond))
  }

  /** Resolves when all that has begun has a result on the disk. */
  async toItsEnd(): Promise<RunEnd> {
    const { clock, holdUp } = this.#given
    const pace = new Pace(this.#span.ratePerSecond, clock.now())
    let savedAt = clock.now()
    while (this.#ending === undefined && this.#left > 0) {
      this.waitsFor = holdUp()
      if (this.waitsFor === undefined) await this.#beginDue(pace)
      const unsaved = this.#results.length
      if (unsaved >= UNSAVED_MAX || (unsaved > 0 && clock.now() - savedAt >= SAVE_EVERY_MS)) {
        await this.#save()
        savedAt = clock.now()
      }
      if (this.#left > 0) await this.#sleep(TICK_MS)
    }
    while (this.#acting.size > 0) await this.#sleep(TICK_MS)
    await this.#save()
    return this.#left > 0 ? (this.#ending ?? 'stopped') : 'done'
  }

  get isStopped(): boolean {
    return this.#ending === 'stopped'
  }

  /** Nothing more begins. Whoever stops after a cancel stops. */
  end(how: 'cancelled' | 'stopped'): void {
    if (this.#ending !== 'stopped') this.#ending = how
    this.#wake()
  }

  get #left(): number {
    return this.#open.length + this.#span.items - this.#next
  }

  async #beginDue(pace: Pace): Promise<void> {
    const due = Math.min(pace.due(this.#given.clock.now()), ACTING_MAX - this.#acting.size)
    for (let count = 0; count < due && this.#left > 0; ) {
      const isOpen = this.#open.length > 0
      const number = isOpen ? this.#open[0]! : this.#next
      if (number >= this.#begunOnDisk) await this.#save()
      const member = await this.#member(number)
      // It may have been ended while the disk was waited for.
      if (this.#ending !== undefined || member === undefined) return
      if (isOpen) this.#open.shift()
      else this.#next++
      if (member.blocked !== undefined) continue
      pace.take()
      count++
      this.#begin(member, number, isOpen)
    }
  }

  #begin(member: Member, number: number, mayBeDone: boolean): void {
    const { act, clock, problem } = this.#given
    const settle = (result: ItemResult): void => {
      this.#acting.delete(number)
      this.#results.push({ ...result, number, at: clock.now() })
      if (this.#acting.size === 0) this.#wake()
    }
    this.#acting.add(number)
    act(member, number, mayBeDone).then(settle, (error: unknown) => {
      problem('an item of an operation failed', error)
      settle(failed('error', error instanceof Error ? error.message : String(error)))
    })
  }

  /** Again and again until it is on the disk; when the process stops, its results are found out anew by the next one. */
  async #save(): Promise<void> {
    const { save, problem } = this.#given
    const results = this.#results.splice(0)
    for (let isFirst = true; ; isFirst = false) {
      const ahead = this.#ending === undefined ? this.#beginAhead : 0
      const begun = Math.max(this.#span.begun, Math.min(this.#span.items, this.#next + ahead))
      const settled = Math.min(this.#open[0] ?? this.#next, ...this.#acting, this.#next)
      try {
        await save(results, { settled, begun })
        this.#begunOnDisk = begun
        this.waitsFor = undefined
        return
      } catch (error) {
        if (isFirst) problem('the results of an operation are not on the disk', error)
        if (this.#ending === 'stopped') return
        await this.#waitForDatabase()
      }
    }
  }

  async #waitForDatabase(): Promise<void> {
    this.waitsFor = 'database'
    await this.#sleep(SAVE_RETRY_MS)
  }

  /** From the page that was read before, or the next one; undefined when it is to be tried again. */
  async #member(number: number): Promise<Member | undefined> {
    const { from, members } = this.#page
    const found = number < from ? undefined : members[number - from]
    if (found !== undefined) return found
    try {
      this.#page = { from: number, members: await this.#given.read(number, READ_AHEAD) }
    } catch (error) {
      this.#given.problem('the list of an operation cannot be read', error)
      await this.#waitForDatabase()
      return undefined
    }
    const [member] = this.#page.members
    if (member === undefined) throw new Error(`item ${number} of the list is not there`)
    return member
  }

  /** Shorter when something has happened. */
  #sleep(delayMs: Millis): Promise<void> {
    return new Promise(resolve => {
      const stop = this.#given.after(delayMs, resolve)
      this.#wake = () => {
        stop()
        resolve()
      }
    })
  }
}
