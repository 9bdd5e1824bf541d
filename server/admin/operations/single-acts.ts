// Acts on one session or retained message, as operations of one item: found, and taken back, where all others are.

import type { Operation } from '../../../shared/operation.ts'
import type { Clock, Millis } from '../../clock.ts'
import type { Log } from '../../log.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import { tombstoneOf } from './item-act.ts'
import { type ItemResult, undoEnds } from './item-result.ts'
import { newFacts, type OperationRequest } from './operation-facts.ts'
import {
  addUndo,
  type Counts,
  insertOperation,
  insertResult,
  NO_COUNTS,
  type OperationFacts,
  type OperationRecord,
  updateProgress,
} from './operation-records.ts'
import { operationShape } from './operation-shape.ts'

export interface SingleFacts extends OperationRequest {
  readonly action: OperationFacts['action']
  /** One of the two. */
  readonly clientId: string | null
  readonly topic: string | null
  /** Of the session, where there is one. */
  readonly generation: string | null
  readonly options: OperationFacts['options']
}

export interface SingleActsGiven {
  readonly side: SideDatabase
  readonly clock: Clock
  readonly log: Log
  nextNumber(): number
  told(operation: Operation): void
}

export class SingleActs {
  readonly #given: SingleActsGiven

  constructor(given: SingleActsGiven) {
    this.#given = given
  }

  /**
   * Does it and writes it down: `tombstone` is what its tombstone is to be called. When `resultOf` says undefined,
   * nothing was done and nothing is written. An act that cannot be written down is done all the same, and logged.
   */
  async perform<T>(
    facts: SingleFacts,
    act: (tombstone: string) => Promise<T>,
    resultOf: (outcome: T) => ItemResult | undefined,
  ): Promise<{ readonly outcome: T; readonly operation: Operation | undefined }> {
    const startedAt = this.#given.clock.now()
    const { action, clientId, topic, generation, options } = facts
    const full = newFacts(startedAt, facts, {
      kind: 'single',
      action,
      clientId,
      topic,
      generation,
      options,
      override: [],
    })
    const outcome = await act(tombstoneOf(full.id, 0))
    const result = resultOf(outcome)
    if (result === undefined) return { outcome, operation: undefined }
    return { outcome, operation: await this.#write(full, result, startedAt) }
  }

  async #write(facts: OperationFacts, result: ItemResult, startedAt: Millis): Promise<Operation | undefined> {
    const { side, clock, log, nextNumber, told } = this.#given
    const number = nextNumber()
    const endedAt = clock.now()
    const numbered = { ...result, number: 0, at: endedAt }
    const record: OperationRecord = {
      number,
      facts,
      list: undefined,
      items: 1,
      count: 1,
      state: 'done',
      startedAt,
      endedAt,
      mark: { settled: 1, begun: 1 },
      counts: countsOf(result),
    }
    try {
      await side.write([
        insertOperation(record),
        insertResult(number, numbered),
        updateProgress(number, record.mark, record.counts),
        ...addUndo(number, [numbered]),
      ])
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log.error('an act was not written down among the operations', { action: facts.action, reason })
      return undefined
    }
    const operation = operationShape(record, null, endedAt)
    told(operation)
    return operation
  }
}

function countsOf({ status, messages, bytes, undo }: ItemResult): Counts {
  const undoItems = undo === undefined ? 0 : 1
  const undoUntil = undo === undefined ? undefined : undoEnds(undo)
  return { ...NO_COUNTS, [status]: 1, messages, bytes, undoItems, undoUntil }
}
