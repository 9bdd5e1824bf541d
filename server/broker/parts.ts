// What the pieces of the broker share; made once, in broker.ts.

import type { Clock } from '../clock.ts'
import type { Settings } from '../config/schema.ts'
import type { Counters, Emit } from '../events.ts'
import type { TopicTable } from '../protocol/topic.ts'
import type { RetainedMessages } from '../routing/retained.ts'
import type { Router } from '../routing/router.ts'
import type { Holds } from '../session/holds.ts'
import type { PumpContext } from '../session/pump.ts'
import type { Registry } from '../session/registry.ts'
import type { Session } from '../session/session.ts'
import type { TimerWheel } from '../session/timer-wheel.ts'
import type { TouchedSessions } from '../session/touched.ts'
import type { Store } from '../store/store.ts'
import type { UndoLedger } from './operations/undo-ledger.ts'
import type { StoreWarning } from './store-warning.ts'

export interface BrokerParts {
  readonly settings: Settings
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly counters: Counters
  readonly emit: Emit
  readonly topics: TopicTable
  readonly registry: Registry
  readonly holds: Holds
  readonly undo: UndoLedger
  /** For whoever shows sessions: those that have changed since they were last looked at. */
  readonly touched: TouchedSessions
  /** To be called after each change of a session. */
  touch(session: Session): void
  readonly router: Router
  readonly retained: RetainedMessages
  readonly pump: PumpContext
  /** Sessions that outlive their connection. */
  readonly durable: Store
  /** Sessions that end with it: always on the heap. */
  readonly volatile: Store
  /** Whether one of them, or the disk, is nearly full. */
  readonly storeWarning: StoreWarning
}
