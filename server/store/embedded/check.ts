// Reads every record of a store that no broker has open, and tells what is damaged and what is left over.

import type { DatabaseSync } from 'node:sqlite'
import { TopicTable } from '../../protocol/topic.ts'
import { type CheckContext, checkMessages } from './check-messages.ts'
import { checkParts, checkSessions } from './check-sessions.ts'
import { checkTombstones } from './check-tombstones.ts'
import type { PART_TABLES } from './database.ts'
import type { Damage } from './messages.ts'
import { blobOf, retainedDamage } from './recover.ts'

/** How `mend` takes a finding out of the way. */
export type Mend =
  | { readonly how: 'set-aside'; readonly kind: Damage['kind']; readonly key: string | number }
  | { readonly how: 'delete-message'; readonly seq: number }
  | { readonly how: 'delete-tombstone'; readonly id: string }
  | {
      readonly how: 'delete-part'
      readonly table: PartTable
      readonly number: number
      readonly key: string | number
    }
  | {
      readonly how: 'rewrite-columns'
      readonly seq: number
      readonly size: number
      readonly expiresAt: number
    }
  | { readonly how: 'reset-cursor'; readonly number: number }

export type PartTable = (typeof PART_TABLES)[number]

export interface Finding {
  /** damaged: something is lost or wrong; left-over: nobody needs it, and the next start or `compact` removes it. */
  readonly severity: 'damaged' | 'left-over'
  readonly kind: 'file' | Damage['kind'] | PartTable
  readonly key: string
  readonly problem: string
  /** undefined: only the whole file can be built anew. */
  readonly mend: Mend | undefined
}

export interface StoreCounts {
  sessions: number
  subscriptions: number
  messages: number
  messageBytes: number
  /** Queue entries: a message that three sessions wait for is three. */
  waiting: number
  /** What was taken away and can be brought back, and the queue entries that would come back. */
  tombstones: number
  buried: number
  retained: number
  retainedBytes: number
  /** Sessions that have acknowledged everything the store still holds. */
  cursorsAtEnd: number
  /** Records that were found damaged earlier. */
  setAside: number
}

export function checkStore(database: DatabaseSync, found: (finding: Finding) => void): StoreCounts {
  const counts: StoreCounts = {
    sessions: 0,
    subscriptions: 0,
    messages: 0,
    messageBytes: 0,
    waiting: 0,
    tombstones: 0,
    buried: 0,
    retained: 0,
    retainedBytes: 0,
    cursorsAtEnd: 0,
    setAside: 0,
  }
  const topics = new TopicTable({ topicBytesMax: 65_535, topicLevelsMax: 65_535 })
  const context: CheckContext = {
    database,
    topics,
    counts,
    found,
    sessions: new Map(),
    tombstones: [],
    buriedSessions: new Set(),
    lastSeq: 0,
  }
  const steps = [
    checkFile,
    checkTombstones,
    checkSessions,
    checkMessages,
    checkParts,
    checkRetained,
    countSetAside,
  ]
  for (const step of steps) {
    try {
      step(context)
    } catch (error) {
      // The pages of a table contradict each other, which the check of the file has told.
      const { message } = error as Error
      const problem = `not everything can be read: ${message}`
      found({ severity: 'damaged', kind: 'file', key: step.name, problem, mend: undefined })
    }
  }
  for (const { acked } of context.sessions.values()) if (acked >= context.lastSeq) counts.cursorsAtEnd++
  return counts
}

function checkFile({ database, found }: CheckContext): void {
  for (const row of database.prepare('PRAGMA integrity_check').all()) {
    const text = String(row['integrity_check'])
    if (text === 'ok') continue
    for (const problem of text.split('\n').filter(line => !line.startsWith('***'))) {
      found({ severity: 'damaged', kind: 'file', key: 'holdfast.db', problem, mend: undefined })
    }
  }
}

function checkRetained({ database, topics, counts, found }: CheckContext): void {
  for (const row of database.prepare('SELECT topic, body FROM retained').iterate()) {
    counts.retained++
    counts.retainedBytes += blobOf(row['body'])?.length ?? 0
    const key = String(row['topic'])
    const problem = retainedDamage(key, row['body'], topics)
    if (problem === undefined) continue
    const mend = { how: 'set-aside', kind: 'retained', key } as const
    found({ severity: 'damaged', kind: 'retained', key, problem, mend })
  }
}

function countSetAside({ database, counts }: CheckContext): void {
  counts.setAside = Number(database.prepare('SELECT count(*) AS count FROM damaged').get()?.['count'])
}
