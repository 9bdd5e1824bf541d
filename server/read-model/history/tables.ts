// The history's tables in the side database, and the numbers that stand in them for kinds of rows.

import type { TimelineKind } from '../../../shared/history.ts'
import { CLIENT_ROWS_MAX, CLIENT_ROWS_SPARE } from './limits.ts'

export const HISTORY_MODULE = 'history'

/** They are on disks: numbers are added, never given away. */
export const kindNumbers: Readonly<Record<TimelineKind, number>> = {
  connect: 1,
  disconnect: 2,
  takeover: 3,
  'broker.restart': 4,
  'connect.refused': 5,
  subscribe: 6,
  unsubscribe: 7,
  created: 8,
  'queue.started': 9,
  'queue.level': 10,
  'queue.dropped': 11,
  redelivered: 12,
  'inflight.stuck': 13,
  'will.sent': 14,
  hold: 15,
  'hold.released': 16,
  'expiry.set': 17,
  ended: 18,
  expired: 19,
  cleaned: 20,
  cleared: 21,
  removed: 22,
  restored: 23,
  purged: 24,
  'history.gap': 25,
}

const kinds = new Map(Object.entries(kindNumbers).map(([kind, number]) => [number, kind as TimelineKind]))

/** A newer Holdfast may have written kinds that this one does not know; they are left out. */
export function kindOf(number: unknown): TimelineKind | undefined {
  return kinds.get(Number(number))
}

/** Rows that say whether a client was there; the condition of an index, so a query must repeat it word for word. */
export const IS_PRESENCE = 'kind IN (1, 2, 3)'

/** Clients whose rows are to be trimmed; the condition of an index as well. */
export const HAS_TOO_MANY = `rows > ${CLIENT_ROWS_MAX + CLIENT_ROWS_SPARE}`

/**
 * `client` is null in rows about no client. `passing` is 1 for those of sessions that are not kept: they have
 * a share of the whole, so that a program that connects anew for every message leaves room for the others.
 */
export const historySteps: readonly string[] = [
  `CREATE TABLE history_client (
    id INTEGER PRIMARY KEY,
    clientId TEXT NOT NULL UNIQUE,
    rows INTEGER NOT NULL
  );
  CREATE INDEX history_client_full ON history_client (rows) WHERE rows > 550;
  CREATE TABLE history_event (
    id INTEGER PRIMARY KEY,
    client INTEGER,
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER,
    count INTEGER NOT NULL,
    passing INTEGER NOT NULL,
    generation TEXT,
    actor TEXT,
    data TEXT NOT NULL
  );
  CREATE INDEX history_event_client ON history_event (client);
  CREATE INDEX history_event_kind ON history_event (kind);
  CREATE INDEX history_event_at ON history_event (at);
  CREATE INDEX history_event_actor ON history_event (actor) WHERE actor IS NOT NULL;
  CREATE INDEX history_event_passing ON history_event (id) WHERE passing = 1;
  CREATE INDEX history_event_presence ON history_event (client, id, kind, at, until) WHERE kind IN (1, 2, 3);
  CREATE TABLE history_lost (
    id INTEGER PRIMARY KEY,
    clientId TEXT NOT NULL,
    at INTEGER NOT NULL,
    generation TEXT,
    reason TEXT NOT NULL,
    topic TEXT,
    publisher TEXT,
    qos INTEGER,
    size INTEGER,
    actor TEXT
  );
  CREATE INDEX history_lost_client ON history_lost (clientId);
  CREATE TABLE history_loss_count (
    clientId TEXT NOT NULL,
    reason TEXT NOT NULL,
    generation TEXT NOT NULL,
    count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    lastAt INTEGER NOT NULL,
    PRIMARY KEY (clientId, reason)
  ) WITHOUT ROWID;
  CREATE TABLE history_reading (at INTEGER PRIMARY KEY, data TEXT NOT NULL);
  CREATE TABLE history_state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;`,
]
