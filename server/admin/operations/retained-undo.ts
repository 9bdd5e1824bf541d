// Copies of retained messages that operators have deleted, in the side database, until their undo is over.

import { restoreRetained } from '../../broker/operations/retained.ts'
import type { BrokerParts } from '../../broker/parts.ts'
import type { Clock, Millis } from '../../clock.ts'
import { TOMBSTONE_BYTES } from '../../limits.ts'
import type { Message } from '../../protocol/message.ts'
import type { QoS } from '../../protocol/packet.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideRow } from '../../store/side/side-messages.ts'

const MODULE = 'retained-undo'
const steps: readonly string[] = [
  `CREATE TABLE retained_copy (
    id TEXT PRIMARY KEY,
    topic TEXT NOT NULL,
    qos INTEGER NOT NULL,
    payload BLOB NOT NULL,
    properties BLOB,
    expiresAt INTEGER,
    publisher TEXT NOT NULL,
    receivedAt INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    buriedAt INTEGER NOT NULL,
    purgeAt INTEGER NOT NULL
  );
  CREATE INDEX retained_copy_purge ON retained_copy (purgeAt);`,
]

/** A copy, without its payload. */
export interface RetainedCopy {
  readonly id: string
  readonly topic: string
  readonly publisher: string
  readonly bytes: number
  readonly buriedAt: Millis
  readonly purgeAt: Millis
}

export class RetainedUndo {
  readonly #side: SideDatabase
  readonly #parts: BrokerParts
  readonly #clock: Clock
  /** What all copies count as, those that are being written included. */
  bytes = 0

  constructor(parts: BrokerParts, side: SideDatabase) {
    this.#parts = parts
    this.#side = side
    this.#clock = parts.clock
  }

  /** Rejects with SideProblem. */
  async open(): Promise<void> {
    await this.#side.define(MODULE, steps)
    await this.purgeDue()
  }

  /** Rejects with SideProblem. Also called from time to time, to count anew. */
  async purgeDue(): Promise<void> {
    await this.#side.write([['DELETE FROM retained_copy WHERE purgeAt <= ?', this.#clock.now()]])
    const [row] = await this.#side.read(
      'SELECT COUNT(*) AS count, COALESCE(SUM(bytes), 0) AS bytes FROM retained_copy',
    )
    this.bytes = Number(row?.['bytes'] ?? 0) + Number(row?.['count'] ?? 0) * TOMBSTONE_BYTES
    this.#parts.undo.bytesElsewhere = this.bytes
  }

  /** Resolves when the copy is on the disk; undefined when no undo is offered for it. */
  async keep(id: string, message: Message): Promise<Millis | undefined> {
    const cost = TOMBSTONE_BYTES + message.size
    const until = this.#parts.undo.offer(cost)
    if (until === undefined) return undefined
    this.#count(cost)
    const { topic, qos, payload, properties, expiresAt, publisher, receivedAt, size } = message
    await this.#side.write([
      [
        'INSERT OR REPLACE INTO retained_copy VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        id,
        topic.name,
        qos,
        new Uint8Array(payload),
        properties === undefined ? null : new Uint8Array(properties),
        expiresAt === Number.POSITIVE_INFINITY ? null : expiresAt,
        publisher,
        receivedAt,
        size,
        this.#clock.now(),
        until,
      ],
    ])
    return until
  }

  async find(id: string): Promise<RetainedCopy | undefined> {
    const [row] = await this.#side.read(`SELECT ${FACTS} FROM retained_copy WHERE id = ?`, id)
    return row === undefined ? undefined : copyOf(row)
  }

  /** Oldest first. */
  async list(limit: number): Promise<readonly RetainedCopy[]> {
    const rows = await this.#side.read(
      `SELECT ${FACTS} FROM retained_copy WHERE purgeAt > ? ORDER BY buriedAt, id LIMIT ?`,
      this.#clock.now(),
      limit,
    )
    return rows.map(copyOf)
  }

  /** Puts it back if its topic is still empty. */
  async restore(
    id: string,
  ): Promise<Awaited<ReturnType<typeof restoreRetained>> | { readonly at: 'no-copy' }> {
    const [row] = await this.#side.read(
      'SELECT * FROM retained_copy WHERE id = ? AND purgeAt > ?',
      id,
      this.#clock.now(),
    )
    if (row === undefined) return { at: 'no-copy' }
    const properties = row['properties']
    const expiresAt = row['expiresAt']
    const outcome = await restoreRetained(
      this.#parts,
      String(row['topic']),
      {
        qos: Number(row['qos']) as QoS,
        properties: properties instanceof Uint8Array ? Buffer.from(properties) : undefined,
        expiresAt: typeof expiresAt === 'number' ? expiresAt : Number.POSITIVE_INFINITY,
        publisher: String(row['publisher']),
        receivedAt: Number(row['receivedAt']),
      },
      Buffer.from(row['payload'] as Uint8Array),
    )
    if (outcome.at === 'restored') await this.drop(id)
    return outcome
  }

  async drop(id: string): Promise<void> {
    const copy = await this.find(id)
    if (copy === undefined) return
    await this.#side.write([['DELETE FROM retained_copy WHERE id = ?', id]])
    this.#count(-TOMBSTONE_BYTES - copy.bytes)
  }

  #count(bytes: number): void {
    this.bytes = Math.max(0, this.bytes + bytes)
    this.#parts.undo.bytesElsewhere = this.bytes
  }
}

const FACTS = 'id, topic, publisher, bytes, buriedAt, purgeAt'

function copyOf(row: SideRow): RetainedCopy {
  return {
    id: String(row['id']),
    topic: String(row['topic']),
    publisher: String(row['publisher']),
    bytes: Number(row['bytes']),
    buriedAt: Number(row['buriedAt']),
    purgeAt: Number(row['purgeAt']),
  }
}
