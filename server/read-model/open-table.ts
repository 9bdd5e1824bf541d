// Puts the table of sessions to the broker and its history; after the broker has its sessions.

import { defaultStuckRule } from '../../shared/stuck-rule.ts'
import type { Broker } from '../broker/broker.ts'
import type { Emit } from '../events.ts'
import { secretBytes } from '../random.ts'
import { BrokerSessions } from './broker-sessions.ts'
import type { History } from './history/history.ts'
import { SessionTable } from './session-table.ts'

const CURSOR_KEY_BYTES = 32

export interface OpenTableGiven {
  readonly broker: Broker
  readonly history: History
  readonly emit: Emit
}

/** `start` has to be called, and what happens told to `learn`. */
export function openTable({ broker, history, emit }: OpenTableGiven): SessionTable {
  const { parts } = broker
  const { clock } = parts
  return new SessionTable({
    clock,
    source: new BrokerSessions({ parts, dropped: clientId => history.dropped(clientId) }),
    emit,
    // Two runs do not begin in the same millisecond: the store's lock stands between them.
    run: `e${clock.now().toString(36)}`,
    cursorKey: secretBytes(CURSOR_KEY_BYTES),
    rule: defaultStuckRule,
  })
}
