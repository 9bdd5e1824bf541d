// Checks the sessions of a store: records, cursors, subscriptions and what is in flight at QoS 2.

import type { DatabaseSync } from 'node:sqlite'
import { topicFilterProblem } from '../../protocol/rules.ts'
import { damageOf } from '../records.ts'
import type { Finding, PartTable } from './check.ts'
import type { CheckContext } from './check-messages.ts'
import { readReceivers } from './recover.ts'
import { cursorOf, isOwed, returnedOf } from './recover-sessions.ts'
import { decodeSession, sessionDamage } from './session-record.ts'

const PACKET_IDS_MAX = 65_535
/** What the bits of an options byte can make. */
const OPTIONS_MAX = 0x2f
const anyLength = { topicBytesMax: 65_535, topicLevelsMax: 65_535 }

type Row = Readonly<Record<string, unknown>>

export function checkSessions(context: CheckContext): void {
  const { database, topics, counts, found, sessions, buriedSessions } = context
  const returned = returnedOf(database)
  for (const row of database.prepare('SELECT * FROM session').iterate()) {
    const number = Number(row['number'])
    if (!buriedSessions.has(number)) counts.sessions++
    const clientId = String(row['client_id'])
    const text = String(row['record'])
    sessions.set(number, cursorOf(row, returned.get(number) ?? []))
    const problem =
      sessionDamage(text, clientId) ??
      damageOf(() => void decodeSession(clientId, text, [], topics)) ??
      undefined
    if (problem !== undefined) {
      const mend = { how: 'set-aside', kind: 'session', key: number } as const
      found({ severity: 'damaged', kind: 'session', key: clientId, problem, mend })
    }
    const cursor = cursorProblem(row)
    if (cursor === undefined) continue
    const mend = { how: 'reset-cursor', number } as const
    found({ severity: 'damaged', kind: 'session', key: clientId, problem: cursor, mend })
  }
  for (const row of database.prepare(SELECT_SUPERSEDED).iterate()) {
    const mend = { how: 'set-aside', kind: 'session', key: Number(row['number']) } as const
    const problem = `a later session (it is number ${row['number']}) has the same client identifier`
    found({ severity: 'damaged', kind: 'session', key: String(row['client_id']), problem, mend })
  }
}

/** A buried session may have the client identifier of one that is not. */
const SELECT_SUPERSEDED = `
  WITH present AS (
    SELECT number, client_id FROM session
    WHERE number NOT IN (SELECT number FROM tombstone WHERE what = 'session'))
  SELECT number, client_id FROM present
  WHERE number NOT IN (SELECT max(number) FROM present GROUP BY client_id)`

function cursorProblem(row: Row): string | undefined {
  const { acked, exceptions } = cursorOf(row, [])
  if (!Number.isSafeInteger(acked) || acked < 0) return `its cursor is ${acked}`
  const column = row['exceptions']
  if (column instanceof Uint8Array && column.length % 8 !== 0)
    return 'the exceptions to its cursor are cut off'
  for (const seq of exceptions) {
    if (!Number.isSafeInteger(seq) || seq <= acked) return `an exception to its cursor is ${seq}`
  }
  return undefined
}

/** Rows without a checksum of their own: whether they can be what was written, and belong to a session. */
export function checkParts(context: CheckContext): void {
  checkPart(context, 'subscription', 'topic_filter', subscriptionProblem)
  checkPart(context, 'sending', 'packet_id', sendingProblem(context))
  checkPart(context, 'receiving', 'packet_id', packetIdProblem)
  checkPart(context, 'returned', 'seq', returnedProblem(context))
}

function checkPart(
  { database, sessions, buriedSessions, counts, found }: CheckContext,
  table: PartTable,
  keyColumn: string,
  problemOf: (row: Row) => string | undefined,
): void {
  for (const row of database.prepare(`SELECT * FROM ${table}`).iterate()) {
    const number = Number(row['number'])
    if (table === 'subscription' && !buriedSessions.has(number)) counts.subscriptions++
    const isOrphan = !sessions.has(number)
    const problem = isOrphan ? `there is no session ${number}` : problemOf(row)
    if (problem === undefined) continue
    const key = row[keyColumn] as string | number
    const mend = { how: 'delete-part', table, number, key } as const
    const severity: Finding['severity'] = isOrphan ? 'left-over' : 'damaged'
    found({ severity, kind: table, key: `${number} ${key}`, problem, mend })
  }
}

function subscriptionProblem(row: Row): string | undefined {
  const options = Number(row['options'])
  if (!(options >= 0 && options <= OPTIONS_MAX) || (options & 3) === 3) return `its options are ${options}`
  return topicFilterProblem(String(row['topic_filter']), anyLength)
}

function packetIdProblem(row: Row): string | undefined {
  const packetId = Number(row['packet_id'])
  return packetId >= 1 && packetId <= PACKET_IDS_MAX ? undefined : `its packet identifier is ${packetId}`
}

function sendingProblem({ database, sessions }: CheckContext): (row: Row) => string | undefined {
  const find = receiversFinder(database)
  return row => {
    const number = Number(row['number'])
    const seq = Number(row['seq'])
    const receivers = find(seq)
    if (receivers === undefined) return `its message ${seq} is not there`
    // A damaged list is told with its message.
    if (typeof receivers === 'string') return packetIdProblem(row)
    const isReceiver = receivers.some(one => one.queueNumber === number)
    if (!isReceiver || !isOwed(sessions.get(number), seq))
      return `its message ${seq} is not meant for this session`
    return packetIdProblem(row)
  }
}

function returnedProblem({ database }: CheckContext): (row: Row) => string | undefined {
  const find = receiversFinder(database)
  return row => {
    const receivers = find(Number(row['seq']))
    if (receivers === undefined) return `its message ${row['seq']} is not there`
    const isReceiver =
      typeof receivers === 'string' || receivers.some(one => one.queueNumber === row['number'])
    return isReceiver ? undefined : `its message ${row['seq']} is not meant for this session`
  }
}

function receiversFinder(database: DatabaseSync) {
  const find = database.prepare('SELECT receivers FROM message WHERE seq = ?')
  return (seq: number) => {
    const row = find.get(seq)
    return row === undefined ? undefined : readReceivers(row['receivers'])
  }
}
