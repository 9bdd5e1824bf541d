// Checks the messages of a store: body, receivers, the columns beside them, and whether anybody waits for them.

import type { DatabaseSync } from 'node:sqlite'
import type { Message } from '../../protocol/message.ts'
import type { TopicTable } from '../../protocol/topic.ts'
import { damageOf, decodeBody, type StoredReceiver } from '../records.ts'
import type { Finding, StoreCounts } from './check.ts'
import { blobOf, readReceivers } from './recover.ts'
import { type Cursor, isOwed } from './recover-sessions.ts'
import { TakenOut } from './recover-tombstones.ts'
import { numbersSetAside } from './set-aside.ts'
import type { TombstoneRecord } from './tombstone-record.ts'

export interface CheckContext {
  readonly database: DatabaseSync
  readonly topics: TopicTable
  readonly counts: StoreCounts
  readonly found: (finding: Finding) => void
  /** By queue number; those whose record is damaged as well. */
  readonly sessions: Map<number, Cursor>
  tombstones: readonly TombstoneRecord[]
  /** Numbers of sessions that are buried, or whose tombstone is damaged. */
  readonly buriedSessions: Set<number>
  lastSeq: number
}

export function checkMessages(context: CheckContext): void {
  const { database, counts, found } = context
  const held = numbersSetAside(database)
  const takenOut = new TakenOut(context.tombstones)
  for (const row of database.prepare('SELECT * FROM message ORDER BY seq').iterate()) {
    const seq = Number(row['seq'])
    context.lastSeq = seq
    counts.messages++
    counts.messageBytes += Number(row['size'])
    const receivers = readReceivers(row['receivers'])
    const message = readBody(row['body'], context.topics)
    const problem =
      typeof message === 'string' ? message : typeof receivers === 'string' ? receivers : undefined
    if (problem !== undefined) {
      const mend = { how: 'set-aside', kind: 'message', key: seq } as const
      found({ severity: 'damaged', kind: 'message', key: String(seq), problem, mend })
      continue
    }
    checkColumns(row, seq, message as Message, found)
    checkReceivers(context, seq, receivers as StoredReceiver[], held, takenOut)
  }
}

function readBody(column: unknown, topics: TopicTable): Message | string {
  const bytes = blobOf(column)
  if (bytes === undefined) return 'the body is missing'
  let message: Message | undefined
  const why = damageOf(() => {
    message = decodeBody(bytes, topics)
  })
  return message ?? `the body: ${why}`
}

/** Size and expiry stand beside the body, so that the broker need not read it to know them. */
function checkColumns(
  row: Readonly<Record<string, unknown>>,
  seq: number,
  message: Message,
  found: CheckContext['found'],
): void {
  const { size, expiresAt } = message
  const given = row['expires_at'] === null ? Number.POSITIVE_INFINITY : Number(row['expires_at'])
  const problem =
    Number(row['size']) !== size
      ? `its size is said to be ${row['size']}, and is ${size}`
      : given !== expiresAt
        ? 'it is said to expire at another time than its body says'
        : undefined
  if (problem === undefined) return
  const mend = { how: 'rewrite-columns', seq, size, expiresAt } as const
  found({ severity: 'damaged', kind: 'message', key: String(seq), problem, mend })
}

function checkReceivers(
  { sessions, buriedSessions, counts, found }: CheckContext,
  seq: number,
  receivers: readonly StoredReceiver[],
  held: ReadonlySet<number>,
  takenOut: TakenOut,
): void {
  let isNeeded = false
  for (const { queueNumber } of receivers) {
    const isTakenOut = takenOut.find(queueNumber, seq) !== undefined
    if (!isTakenOut && !isOwed(sessions.get(queueNumber), seq)) continue
    isNeeded = true
    if (isTakenOut || buriedSessions.has(queueNumber)) counts.buried++
    else counts.waiting++
  }
  if (isNeeded) return
  const isHeld = receivers.some(one => held.has(one.queueNumber))
  const problem = isHeld
    ? 'kept for a session that was set aside: nobody can receive it'
    : 'no session waits for it'
  const mend = isHeld ? undefined : ({ how: 'delete-message', seq } as const)
  found({ severity: 'left-over', kind: 'message', key: String(seq), problem, mend })
}
