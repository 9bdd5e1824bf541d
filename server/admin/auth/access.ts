// Who may use the admin API: finds out who asks, lets people log in, and makes the first admin.

import type { FastifyRequest } from 'fastify'
import type { Clock, Millis } from '../../clock.ts'
import { every } from '../../clock.ts'
import type { Log } from '../../log.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import { problem } from '../api/problem.ts'
import { isUnsafe } from '../api/route.ts'
import { defineAccountTables } from './account-tables.ts'
import { Actor } from './actor.ts'
import { cookieSecret } from './cookie.ts'
import { Keys } from './keys.ts'
import { LoginLimit } from './login-limit.ts'
import { Logins, type LoginTimes } from './logins.ts'
import { Passwords } from './passwords.ts'
import { siteOf } from './same-site.ts'
import { SetupLink } from './setup-link.ts'
import { type UserRecord, Users } from './users.ts'

/** How often it is written down when users and keys were seen last. */
const SEEN_MS = 60_000

export interface AccessGiven {
  readonly side: SideDatabase
  readonly clock: Clock
  readonly log: Log
  /** Asked for each time: they may be changed. */
  readonly loginTimes: () => LoginTimes
}

/** What has become of somebody who was let in. */
export type Fallen = 'logged-out' | 'rights-changed' | 'expired'

export class Access {
  readonly users: Users
  readonly logins: Logins
  readonly keys: Keys
  readonly passwords = new Passwords()
  readonly limit = new LoginLimit()
  readonly setupLink = new SetupLink()
  readonly #given: AccessGiven

  constructor(given: AccessGiven) {
    const { side, loginTimes } = given
    this.#given = given
    this.users = new Users(side)
    this.logins = new Logins(side, loginTimes)
    this.keys = new Keys(side)
  }

  /** Rejects with SideProblem. */
  async open(): Promise<void> {
    await defineAccountTables(this.#given.side)
    await Promise.all([this.users.open(), this.logins.open(), this.keys.open()])
  }

  /** Returns how to stop. */
  start(): () => Promise<void> {
    const stop = every(SEEN_MS, () => void this.#tidy())
    return async () => {
      stop()
      await this.#tidy()
    }
  }

  get loginAgeMs(): Millis {
    return this.#given.loginTimes().ageMs
  }

  now(): Millis {
    return this.#given.clock.now()
  }

  /** Undefined: nobody who is known. Throws `cross-site` when a page of another site makes a browser ask. */
  authenticate(request: FastifyRequest): Actor | undefined {
    const { authorization } = request.headers
    if (authorization !== undefined) return this.#byKey(authorization, request.ip)
    const secret = cookieSecret(request)
    const login = secret === undefined ? undefined : this.logins.find(secret, this.now())
    const user = login === undefined ? undefined : this.users.get(login.userId)
    if (login === undefined || user === undefined) return undefined
    if (isUnsafe(request.method) && siteOf(request) !== 'same') throw problem('cross-site')
    this.users.seen(user.id, this.now())
    return actorOf(user, login.id)
  }

  /**
   * Why somebody who was let in once may not go on as then; undefined while all is as it was. For streams, which are
   * let in once and last: time alone can end a login, or a key.
   */
  standingOf({ facts }: Actor): () => Fallen | undefined {
    const { kind, id, sessionId } = facts
    const secretHash = this.keys.get(id)?.secretHash
    if (kind === 'key') return () => this.#keyStanding(id, secretHash)
    return () => {
      const user = this.users.get(id)
      const login = this.logins.of(id, this.now()).find(one => one.id === sessionId)
      if (user === undefined || login === undefined) return 'logged-out'
      const isSame = user.role === facts.role && `${user.grants}` === `${facts.grants}`
      return isSame ? undefined : 'rights-changed'
    }
  }

  /** A key that was rotated is another one. */
  #keyStanding(id: string, secretHash: string | undefined): Fallen | undefined {
    const key = this.keys.get(id)
    if (key?.expiresAt !== undefined && key.expiresAt <= this.now()) return 'expired'
    return key !== undefined && key.secretHash === secretHash ? undefined : 'logged-out'
  }

  #byKey(authorization: string, address: string): Actor | undefined {
    const [, key] = /^Bearer ([\w-]+)$/i.exec(authorization) ?? []
    const record = key === undefined ? undefined : this.keys.use(key, address, this.now())
    if (record === undefined) return undefined
    const { id, name, role, grants, clientIdPrefix } = record
    return new Actor({ kind: 'key', id, name, role, grants, clientIdPrefix, sessionId: undefined })
  }

  async #tidy(): Promise<void> {
    try {
      await this.logins.tidy(this.now())
      await this.users.flushSeen()
      await this.keys.flushUse()
    } catch (error) {
      this.#given.log.warn('it could not be written when users were seen', {
        reason: (error as Error).message,
      })
    }
  }
}

function actorOf({ id, name, role, grants }: UserRecord, sessionId: string): Actor {
  return new Actor({ kind: 'user', id, name, role, grants, clientIdPrefix: undefined, sessionId })
}
