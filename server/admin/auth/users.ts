// The users of the admin API: made, changed and removed, and never without an admin who can do so.

import type { Grant, Role } from '../../../shared/account.ts'
import type { Millis } from '../../clock.ts'
import { ulid } from '../../random.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideRow } from '../../store/side/side-messages.ts'

export const USERS_MAX = 1_000

export interface UserRecord {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly grants: readonly Grant[]
  readonly passwordHash: string
  readonly createdAt: Millis
  readonly lastSeenAt: Millis | undefined
}

export interface NewUser {
  readonly name: string
  readonly role: Role
  readonly grants: readonly Grant[]
  readonly passwordHash: string
}

export type UserRefusal = 'name-taken' | 'last-admin' | 'too-many' | 'unknown'

export class Users {
  readonly #side: SideDatabase
  readonly #users = new Map<string, UserRecord>()
  /** Seen since it was last written. */
  readonly #seen = new Set<string>()

  constructor(side: SideDatabase) {
    this.#side = side
  }

  async open(): Promise<void> {
    for (const row of await this.#side.read('SELECT * FROM user')) {
      const user = userOf(row)
      this.#users.set(user.id, user)
    }
  }

  get count(): number {
    return this.#users.size
  }

  all(): readonly UserRecord[] {
    return [...this.#users.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  get(id: string): UserRecord | undefined {
    return this.#users.get(id)
  }

  find(name: string): UserRecord | undefined {
    return this.all().find(user => sameName(user.name, name))
  }

  /** In memory at once, so that two who come together cannot both have the name; resolves when it is on disk. */
  async add(given: NewUser, now: Millis): Promise<UserRecord | UserRefusal> {
    if (this.#users.size >= USERS_MAX) return 'too-many'
    if (this.find(given.name) !== undefined) return 'name-taken'
    const user: UserRecord = { ...given, id: ulid(now), createdAt: now, lastSeenAt: undefined }
    return this.#keep(user, undefined)
  }

  async change(
    id: string,
    change: Partial<Pick<UserRecord, 'role' | 'grants' | 'passwordHash'>>,
  ): Promise<UserRecord | UserRefusal> {
    const before = this.#users.get(id)
    if (before === undefined) return 'unknown'
    const after = { ...before, ...change }
    if (before.role === 'admin' && after.role !== 'admin' && this.#isLastAdmin(id)) return 'last-admin'
    return this.#keep(after, before)
  }

  async remove(id: string): Promise<UserRecord | UserRefusal> {
    const user = this.#users.get(id)
    if (user === undefined) return 'unknown'
    if (user.role === 'admin' && this.#isLastAdmin(id)) return 'last-admin'
    this.#users.delete(id)
    try {
      await this.#side.write([['DELETE FROM user WHERE id = ?', id]])
    } catch (error) {
      this.#users.set(id, user)
      throw error
    }
    return user
  }

  /** Kept in memory; `flushSeen` writes it now and then. */
  seen(id: string, now: Millis): void {
    const user = this.#users.get(id)
    if (user === undefined) return
    this.#users.set(id, { ...user, lastSeenAt: now })
    this.#seen.add(id)
  }

  flushSeen(): Promise<void> {
    const seen = [...this.#seen]
    this.#seen.clear()
    return this.#side.write(
      seen.map(id => [
        'UPDATE user SET last_seen_at = ? WHERE id = ?',
        this.#users.get(id)?.lastSeenAt ?? null,
        id,
      ]),
    )
  }

  #isLastAdmin(id: string): boolean {
    return !this.all().some(user => user.role === 'admin' && user.id !== id)
  }

  async #keep(user: UserRecord, before: UserRecord | undefined): Promise<UserRecord> {
    this.#users.set(user.id, user)
    try {
      await this.#side.write([
        [
          'INSERT OR REPLACE INTO user (id, name, role, grants, password, created_at, last_seen_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
          user.id,
          user.name,
          user.role,
          JSON.stringify(user.grants),
          user.passwordHash,
          user.createdAt,
          user.lastSeenAt ?? null,
        ],
      ])
    } catch (error) {
      if (before === undefined) this.#users.delete(user.id)
      else this.#users.set(user.id, before)
      throw error
    }
    return user
  }
}

/** Names that look alike are one name. */
function sameName(one: string, other: string): boolean {
  return one.normalize('NFKC').toLowerCase() === other.normalize('NFKC').toLowerCase()
}

function userOf(row: SideRow): UserRecord {
  return {
    id: String(row['id']),
    name: String(row['name']),
    role: row['role'] as Role,
    grants: JSON.parse(String(row['grants'])),
    passwordHash: String(row['password']),
    createdAt: Number(row['created_at']),
    lastSeenAt: row['last_seen_at'] === null ? undefined : Number(row['last_seen_at']),
  }
}
