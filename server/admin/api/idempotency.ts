// POST requests that may be sent twice: what the first of them got is kept for a day and given again.

import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Clock, Millis } from '../../clock.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import { problem } from './problem.ts'

const KEPT_MS = 24 * 3_600_000
/** Of all who ask together; the oldest goes first. */
const KEPT_MAX = 20_000
/** Longer answers are not kept: who asks again is told that it was done. */
const BODY_CHARACTERS_MAX = 262_144
/** How many are added between two looks at what is too old. */
const ADDED_PER_TIDYING = 100

const steps = [
  `CREATE TABLE idempotency (
     actor TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, at REAL NOT NULL, status INTEGER, headers TEXT,
     body TEXT, PRIMARY KEY (actor, key));
   CREATE INDEX idempotency_at ON idempotency (at);`,
]

export interface SavedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Undefined: it held a secret, or was too long to be kept. */
  readonly body: string | undefined
}

export interface Claim {
  /** What the first request got, if this is another one. */
  readonly saved: SavedAnswer | undefined
  /** It has been carried out. */
  finish(answer: SavedAnswer): Promise<void>
  /** Nothing was done: the key may be used again. */
  forget(): Promise<void>
  /** Nobody knows what was done: the key stays taken. */
  abandon(): Promise<void>
}

export class Idempotency {
  readonly #side: SideDatabase
  readonly #clock: Clock
  readonly #running = new Set<string>()
  #added = 0

  constructor(side: SideDatabase, clock: Clock) {
    this.#side = side
    this.#clock = clock
  }

  open(): Promise<void> {
    return this.#side.define('idempotency', steps)
  }

  /** Rejects with a problem when the key is in use, was cut off, or came with another request. */
  async claim(actor: string, key: string, request: FastifyRequest, bodyText: string): Promise<Claim> {
    const running = JSON.stringify([actor, key])
    // Before anything is awaited, so that of two that come together one is told to wait.
    if (this.#running.has(running)) throw problem('idempotency-in-progress')
    this.#running.add(running)
    try {
      const saved = await this.#begin(actor, key, fingerprintOf(request, bodyText))
      if (saved !== undefined) this.#running.delete(running)
      return {
        saved,
        finish: answer => this.#finish(actor, key, answer).finally(() => this.#running.delete(running)),
        abandon: async () => void this.#running.delete(running),
        forget: () => this.#forget(actor, key).finally(() => this.#running.delete(running)),
      }
    } catch (error) {
      this.#running.delete(running)
      throw error
    }
  }

  async #begin(actor: string, key: string, fingerprint: string): Promise<SavedAnswer | undefined> {
    const now = this.#clock.now()
    const since: Millis = now - KEPT_MS
    const [row] = await this.#side.read(
      'SELECT * FROM idempotency WHERE actor = ? AND key = ? AND at >= ?',
      actor,
      key,
      since,
    )
    if (row === undefined) {
      if (++this.#added % ADDED_PER_TIDYING === 1) await this.#tidy(since)
      // On the disk before anything is done: after a crash in between, nobody may think that nothing happened.
      await this.#side.write([
        [
          'INSERT OR REPLACE INTO idempotency (actor, key, fingerprint, at) VALUES (?, ?, ?, ?)',
          actor,
          key,
          fingerprint,
          now,
        ],
      ])
      return undefined
    }
    if (row['fingerprint'] !== fingerprint) throw problem('idempotency-mismatch')
    if (row['status'] === null)
      throw problem('idempotency-in-progress', {
        detail:
          'It was cut off by a fault or a stop of the broker: look at what is there, then use another key.',
      })
    return {
      status: Number(row['status']),
      headers: JSON.parse(String(row['headers'])),
      body: row['body'] === null ? undefined : String(row['body']),
    }
  }

  #finish(actor: string, key: string, { status, headers, body }: SavedAnswer): Promise<void> {
    const kept = body !== undefined && body.length <= BODY_CHARACTERS_MAX ? body : null
    return this.#side.write([
      [
        'UPDATE idempotency SET status = ?, headers = ?, body = ? WHERE actor = ? AND key = ?',
        status,
        JSON.stringify(headers),
        kept,
        actor,
        key,
      ],
    ])
  }

  #forget(actor: string, key: string): Promise<void> {
    return this.#side.write([['DELETE FROM idempotency WHERE actor = ? AND key = ?', actor, key]])
  }

  #tidy(since: Millis): Promise<void> {
    return this.#side.write([
      ['DELETE FROM idempotency WHERE at < ?', since],
      [
        `DELETE FROM idempotency WHERE at < (SELECT at FROM idempotency ORDER BY at DESC LIMIT 1 OFFSET ?)`,
        KEPT_MAX,
      ],
    ])
  }
}

/** Two requests with one fingerprint ask for the same. */
function fingerprintOf(request: FastifyRequest, bodyText: string): string {
  const head = [
    request.method,
    request.url,
    request.headers['if-match'] ?? '',
    request.headers['x-reason'] ?? '',
  ]
  return createHash('sha256').update(JSON.stringify(head)).update(bodyText).digest('base64url')
}

/** Undefined without the header. */
export function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key
  const detail = 'must be 1 to 255 visible ASCII characters'
  throw problem('validation', {
    detail: `/headers/idempotency-key ${detail}.`,
    errors: [{ pointer: '/headers/idempotency-key', detail }],
  })
}
