// Plans and operations, put together over the broker and its read model, and kept tidy.

import { clientIdPrefix } from '../../shared/client-id-prefix.ts'
import type { BrokerParts } from '../broker/parts.ts'
import { every } from '../clock.ts'
import type { Log } from '../log.ts'
import type { SessionTable } from '../read-model/session-table.ts'
import type { SideDatabase } from '../store/side/side-database.ts'
import { openItems } from './items/pages.ts'
import { Operations } from './operations/operations.ts'
import { RetainedUndo } from './operations/retained-undo.ts'
import { brokerWorld } from './plans/broker-world.ts'
import { Plans } from './plans/plans.ts'

const TIDY_MS = 60_000

export interface ActingGiven {
  readonly parts: BrokerParts
  readonly side: SideDatabase
  readonly table: SessionTable
  readonly log: Log
  /** Running operations wait while it is so. */
  isReadOnly(): boolean
  protectedPrefixes(): readonly string[]
}

export interface Acting {
  readonly plans: Plans
  readonly operations: Operations
  readonly retainedUndo: RetainedUndo
  /** Resolves when what is under way is on the disk; what is left of operations is for the next process. */
  close(): Promise<void>
}

/** Goes on with the operations of an earlier process. Rejects with SideProblem. */
export async function openActing(given: ActingGiven): Promise<Acting> {
  const { parts, side, log } = given
  const world = brokerWorld(given)
  const retainedUndo = new RetainedUndo(parts, side)
  const plans = new Plans(world, clientIdPrefix)
  const operations = new Operations({ ...given, world, retainedUndo })
  await openItems(side)
  await retainedUndo.open()
  await plans.open()
  await operations.open()
  let tidying: Promise<void> | undefined
  const tidy = async (): Promise<void> => {
    try {
      await plans.tidy()
      await operations.tidy()
    } catch (error) {
      log.warn('old plans and operations could not be taken away', {
        reason: error instanceof Error ? error.message : String(error),
      })
    } finally {
      tidying = undefined
    }
  }
  const stopTidying = every(TIDY_MS, () => {
    tidying ??= tidy()
  })
  return {
    plans,
    operations,
    retainedUndo,
    close: async () => {
      stopTidying()
      await operations.close()
      await tidying
    },
  }
}
