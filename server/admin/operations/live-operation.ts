// An operation that is running in this process: its run, its counts, and their way to the disk.

import type { Operation, OperationState } from '../../../shared/operation.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideStatement } from '../../store/side/side-messages.ts'
import { readMembers } from '../items/pages.ts'
import type { ItemAct } from './item-act.ts'
import { type NumberedResult, undoEnds } from './item-result.ts'
import { SAVE_RETRY_MS } from './limits.ts'
import {
  addUndo,
  type Counts,
  dropUndo,
  endOperation,
  insertResult,
  type OperationRecord,
  updateProgress,
} from './operation-records.ts'
import { operationShape } from './operation-shape.ts'
import { Run, type RunGiven, type RunMark } from './run.ts'
import type { UndoParticulars } from './undo-item.ts'

export interface LiveGiven extends Pick<RunGiven, 'clock' | 'after' | 'holdUp' | 'problem'> {
  readonly side: SideDatabase
  readonly act: ItemAct
  /** Items below `begun` that have no result. */
  readonly open: readonly number[]
  /** Of an undo: the number of the operation that is undone. */
  readonly undoes: number | undefined
  readonly told: (operation: Operation) => void
}

const RATE_DEFAULT = 200

export class LiveOperation {
  readonly record: OperationRecord
  readonly #given: LiveGiven
  readonly #run: Run
  #counts: Counts
  /** Of an undo: which item of the other operation each of those under way is about. */
  readonly #undoing = new Map<number, number>()

  constructor(record: OperationRecord, given: LiveGiven) {
    this.record = record
    this.#given = given
    this.#counts = record.counts
    const { side, clock, after, act, holdUp, problem, open } = given
    const { items, facts, mark } = record
    const list = record.list!
    const ratePerSecond = facts.options.ratePerSecond ?? RATE_DEFAULT
    this.#run = new Run(
      { items, ratePerSecond, begun: mark.begun, open },
      {
        clock,
        after,
        act: (member, number, mayBeDone) => {
          if (given.undoes !== undefined) {
            this.#undoing.set(number, (JSON.parse(member.particulars) as UndoParticulars).of)
          }
          return act(member, number, mayBeDone)
        },
        holdUp,
        problem,
        read: (from, count) => readMembers(side, list, from, count),
        save: (results, to) => this.#save(results, to),
      },
    )
  }

  get operation(): Operation {
    const { record, waitsFor } = this
    return operationShape({ ...record, counts: this.#counts }, waitsFor, this.#given.clock.now())
  }

  get waitsFor(): Operation['waitsFor'] {
    return this.#run.waitsFor ?? null
  }

  /** Resolves when it has ended, here or for good, and the disk knows. */
  async toItsEnd(): Promise<void> {
    const end = await this.#run.toItsEnd()
    if (end !== 'stopped') await this.#end(end)
  }

  end(how: 'cancelled' | 'stopped'): void {
    this.#run.end(how)
  }

  async #save(results: readonly NumberedResult[], mark: RunMark): Promise<void> {
    const { side, told } = this.#given
    const { number } = this.record
    const counts = results.reduce(countIn, this.#counts)
    await side.write([
      ...results.map(result => insertResult(number, result)),
      ...addUndo(number, results),
      ...this.#undone(results),
      updateProgress(number, mark, counts),
    ])
    this.#counts = counts
    for (const result of results) this.#undoing.delete(result.number)
    told(this.operation)
  }

  /** What was taken back cannot be taken back again. */
  #undone(results: readonly NumberedResult[]): readonly SideStatement[] {
    const { undoes } = this.#given
    if (undoes === undefined) return []
    return results.flatMap(({ number, status }) => {
      const of = this.#undoing.get(number)
      return status === 'ok' && of !== undefined ? dropUndo(undoes, of) : []
    })
  }

  /** Until it is on the disk: an operation that ends must not begin anew after a restart. */
  async #end(state: OperationState): Promise<void> {
    const { side, clock, told, problem, after } = this.#given
    const endedAt = clock.now()
    for (let isFirst = true; ; isFirst = false) {
      try {
        await side.write([endOperation(this.record.number, state, endedAt)])
        told({ ...this.operation, state, endedAt: new Date(endedAt).toISOString() })
        return
      } catch (error) {
        if (isFirst) problem('the end of an operation is not on the disk', error)
        if (this.#run.isStopped) return
        await new Promise<void>(resolve => {
          after(SAVE_RETRY_MS, resolve)
        })
      }
    }
  }
}

function countIn(counts: Counts, { status, messages, bytes, undo }: NumberedResult): Counts {
  const until = undo === undefined ? 0 : (undoEnds(undo) ?? 0)
  return {
    ...counts,
    [status]: counts[status] + 1,
    messages: counts.messages + messages,
    bytes: counts.bytes + bytes,
    undoItems: counts.undoItems + (undo === undefined ? 0 : 1),
    undoUntil: Math.max(counts.undoUntil ?? 0, until) || undefined,
  }
}
