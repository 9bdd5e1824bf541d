// Browsers that are logged in: a secret in a cookie, of which only the hash is kept, with an end by idleness and by age.

import type { Millis } from '../../clock.ts'
import { ulid } from '../../random.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideRow } from '../../store/side/side-messages.ts'
import { newSecret, secretHash } from './secret.ts'

/** Of all users together; the one that was idle for longest goes first. */
const LOGINS_MAX = 10_000

export interface LoginRecord {
  readonly id: string
  readonly secretHash: string
  readonly userId: string
  readonly createdAt: Millis
  lastSeenAt: Millis
  readonly address: string
  readonly userAgent: string | undefined
}

export interface LoginTimes {
  readonly idleMs: Millis
  readonly ageMs: Millis
}

export class Logins {
  readonly #side: SideDatabase
  readonly #times: () => LoginTimes
  readonly #bySecret = new Map<string, LoginRecord>()
  /** Seen since it was last written. */
  readonly #seen = new Set<LoginRecord>()

  constructor(side: SideDatabase, times: () => LoginTimes) {
    this.#side = side
    this.#times = times
  }

  async open(): Promise<void> {
    for (const row of await this.#side.read('SELECT * FROM login')) {
      const login = loginOf(row)
      this.#bySecret.set(login.secretHash, login)
    }
  }

  /** The secret is for the cookie; it is not kept. */
  async begin(
    userId: string,
    from: Pick<LoginRecord, 'address' | 'userAgent'>,
    now: Millis,
  ): Promise<{ readonly login: LoginRecord; readonly secret: string }> {
    const secret = newSecret()
    const login = {
      ...from,
      id: ulid(now),
      secretHash: secretHash(secret),
      userId,
      createdAt: now,
      lastSeenAt: now,
    }
    if (this.#bySecret.size >= LOGINS_MAX) await this.#end([this.#idlest()])
    await this.#side.write([
      [
        'INSERT INTO login (id, secret_hash, user_id, created_at, last_seen_at, address, user_agent) VALUES (?, ?, ?, ?, ?, ?, ?)',
        login.id,
        login.secretHash,
        userId,
        now,
        now,
        login.address,
        login.userAgent ?? null,
      ],
    ])
    this.#bySecret.set(login.secretHash, login)
    return { login, secret }
  }

  /** Whose cookie it is; undefined when it is nobody's, or its time is over. */
  find(secret: string, now: Millis): LoginRecord | undefined {
    const login = this.#bySecret.get(secretHash(secret))
    if (login === undefined || this.#isOver(login, now)) return undefined
    login.lastSeenAt = now
    this.#seen.add(login)
    return login
  }

  of(userId: string, now: Millis): readonly LoginRecord[] {
    return [...this.#bySecret.values()].filter(login => login.userId === userId && !this.#isOver(login, now))
  }

  get(id: string): LoginRecord | undefined {
    return [...this.#bySecret.values()].find(login => login.id === id)
  }

  end(id: string): Promise<void> {
    const login = this.get(id)
    return this.#end(login === undefined ? [] : [login])
  }

  /** All of a user's but the one that asks, if it is one of them. */
  endAll(userId: string, but?: string): Promise<void> {
    return this.#end([...this.#bySecret.values()].filter(one => one.userId === userId && one.id !== but))
  }

  /** Forgets those whose time is over, and writes when the others were seen. */
  async tidy(now: Millis): Promise<void> {
    await this.#end([...this.#bySecret.values()].filter(login => this.#isOver(login, now)))
    const seen = [...this.#seen]
    this.#seen.clear()
    await this.#side.write(
      seen.map(one => ['UPDATE login SET last_seen_at = ? WHERE id = ?', one.lastSeenAt, one.id]),
    )
  }

  #isOver(login: LoginRecord, now: Millis): boolean {
    const { idleMs, ageMs } = this.#times()
    return now - login.lastSeenAt > idleMs || now - login.createdAt > ageMs
  }

  #idlest(): LoginRecord {
    return [...this.#bySecret.values()].reduce((one, other) =>
      other.lastSeenAt < one.lastSeenAt ? other : one,
    )
  }

  /** Out of memory first: whatever becomes of the disk, they are not let in again by this process. */
  async #end(logins: readonly LoginRecord[]): Promise<void> {
    for (const login of logins) this.#bySecret.delete(login.secretHash)
    await this.#side.write(logins.map(login => ['DELETE FROM login WHERE id = ?', login.id]))
  }
}

function loginOf(row: SideRow): LoginRecord {
  return {
    id: String(row['id']),
    secretHash: String(row['secret_hash']),
    userId: String(row['user_id']),
    createdAt: Number(row['created_at']),
    lastSeenAt: Number(row['last_seen_at']),
    address: String(row['address']),
    userAgent: row['user_agent'] === null ? undefined : String(row['user_agent']),
  }
}
