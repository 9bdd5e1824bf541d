// API keys: for scripts and other machines, with a role of their own, shown once and kept as a hash.

import type { Grant, Role } from '../../../shared/account.ts'
import type { Millis } from '../../clock.ts'
import { ulid } from '../../random.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideRow } from '../../store/side/side-messages.ts'
import { newSecret, secretHash } from './secret.ts'

export const KEYS_MAX = 1_000
/** So that a key that leaked is recognised for what it is, by people and by scanners. */
const KEY_START = 'hf_'
const PREFIX_CHARACTERS = KEY_START.length + 6

export interface KeyRecord {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly secretHash: string
  readonly role: Role
  readonly grants: readonly Grant[]
  readonly clientIdPrefix: string | undefined
  readonly createdAt: Millis
  readonly createdBy: string
  readonly expiresAt: Millis | undefined
  lastUsedAt: Millis | undefined
  lastUsedFrom: string | undefined
}

export type NewKey = Pick<
  KeyRecord,
  'name' | 'role' | 'grants' | 'clientIdPrefix' | 'createdBy' | 'expiresAt'
>

/** With the key itself, which is shown this once. */
export interface MadeKey {
  readonly record: KeyRecord
  readonly key: string
}

export class Keys {
  readonly #side: SideDatabase
  readonly #byHash = new Map<string, KeyRecord>()
  /** Used since it was last written. */
  readonly #used = new Set<KeyRecord>()

  constructor(side: SideDatabase) {
    this.#side = side
  }

  async open(): Promise<void> {
    for (const row of await this.#side.read('SELECT * FROM api_key')) {
      const key = keyOf(row)
      this.#byHash.set(key.secretHash, key)
    }
  }

  all(): readonly KeyRecord[] {
    return [...this.#byHash.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  get(id: string): KeyRecord | undefined {
    return this.all().find(key => key.id === id)
  }

  /** Also when it is used up; undefined when it is none or its time is over. */
  use(key: string, address: string, now: Millis): KeyRecord | undefined {
    const record = this.#byHash.get(secretHash(key))
    if (record === undefined || (record.expiresAt !== undefined && record.expiresAt <= now)) return undefined
    record.lastUsedAt = now
    record.lastUsedFrom = address
    this.#used.add(record)
    return record
  }

  async add(given: NewKey, now: Millis): Promise<MadeKey | 'name-taken' | 'too-many'> {
    if (this.#byHash.size >= KEYS_MAX) return 'too-many'
    if (this.all().some(one => one.name === given.name)) return 'name-taken'
    return this.#keep({
      ...given,
      id: ulid(now),
      createdAt: now,
      lastUsedAt: undefined,
      lastUsedFrom: undefined,
    })
  }

  /** A new secret for the same key; the old one ends at once. */
  async rotate(id: string): Promise<MadeKey | undefined> {
    const before = this.get(id)
    if (before === undefined) return undefined
    const made = await this.#keep(before)
    this.#byHash.delete(before.secretHash)
    return made
  }

  async remove(id: string): Promise<KeyRecord | undefined> {
    const key = this.get(id)
    if (key === undefined) return undefined
    this.#byHash.delete(key.secretHash)
    await this.#side.write([['DELETE FROM api_key WHERE id = ?', id]])
    return key
  }

  flushUse(): Promise<void> {
    const used = [...this.#used]
    this.#used.clear()
    return this.#side.write(
      used.map(({ id, lastUsedAt, lastUsedFrom }) => [
        'UPDATE api_key SET last_used_at = ?, last_used_from = ? WHERE id = ?',
        lastUsedAt ?? null,
        lastUsedFrom ?? null,
        id,
      ]),
    )
  }

  async #keep(given: Omit<KeyRecord, 'prefix' | 'secretHash'>): Promise<MadeKey> {
    const key = KEY_START + newSecret()
    const record = { ...given, prefix: key.slice(0, PREFIX_CHARACTERS), secretHash: secretHash(key) }
    // In memory first, for the name; a disk that refuses takes it out again.
    this.#byHash.set(record.secretHash, record)
    try {
      await this.#side.write([[INSERT, ...columns(record)]])
    } catch (error) {
      this.#byHash.delete(record.secretHash)
      throw error
    }
    return { record, key }
  }
}

const INSERT = `INSERT OR REPLACE INTO api_key (id, name, prefix, secret_hash, role, grants, client_id_prefix,
  created_at, created_by, expires_at, last_used_at, last_used_from) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

function columns(key: KeyRecord) {
  return [
    key.id,
    key.name,
    key.prefix,
    key.secretHash,
    key.role,
    JSON.stringify(key.grants),
    key.clientIdPrefix ?? null,
    key.createdAt,
    key.createdBy,
    key.expiresAt ?? null,
    key.lastUsedAt ?? null,
    key.lastUsedFrom ?? null,
  ] as const
}

function keyOf(row: SideRow): KeyRecord {
  const number = (name: string): number | undefined => (row[name] === null ? undefined : Number(row[name]))
  const text = (name: string): string | undefined => (row[name] === null ? undefined : String(row[name]))
  return {
    id: String(row['id']),
    name: String(row['name']),
    prefix: String(row['prefix']),
    secretHash: String(row['secret_hash']),
    role: row['role'] as Role,
    grants: JSON.parse(String(row['grants'])),
    clientIdPrefix: text('client_id_prefix'),
    createdAt: Number(row['created_at']),
    createdBy: String(row['created_by']),
    expiresAt: number('expires_at'),
    lastUsedAt: number('last_used_at'),
    lastUsedFrom: text('last_used_from'),
  }
}
