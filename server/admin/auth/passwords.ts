// Hashes passwords with scrypt, two at a time: a crowd at the door must neither fill memory nor keep the threads busy.

import { scrypt, timingSafeEqual } from 'node:crypto'
import { secretBytes } from '../../random.ts'

/** 32 MiB and some 60 ms a hash (RFC 7914; parameters stand in each hash, so that they can be raised). */
const COST = 32_768
const BLOCK_SIZE = 8
const PARALLELISM = 1
const HASH_BYTES = 32
const SALT_BYTES = 16
const MEMORY_BYTES_MAX = 64 * 1024 * 1024
const AT_A_TIME = 2
/** Half a minute of waiting; who comes later is told to come again. */
const WAITING_MAX = 500

export type Verdict = 'right' | 'wrong' | 'busy'

export class Passwords {
  readonly #waitingMax: number
  #running = 0
  readonly #waiting: (() => void)[] = []
  /** Compared with when there is no such user, so that the time tells nothing. */
  readonly #nobody = encode(secretBytes(SALT_BYTES), secretBytes(HASH_BYTES))

  constructor(waitingMax = WAITING_MAX) {
    this.#waitingMax = waitingMax
  }

  /** `busy`: too many wait already. */
  async hash(password: string): Promise<string | 'busy'> {
    const salt = secretBytes(SALT_BYTES)
    const hash = await this.#derive(password, salt, COST)
    return hash === 'busy' ? hash : encode(salt, hash)
  }

  /** `stored` is undefined when there is no such user; that takes as long as a wrong password. */
  async verify(password: string, stored: string | undefined): Promise<Verdict> {
    const { cost, salt, hash } = decode(stored ?? this.#nobody)
    const found = await this.#derive(password, salt, cost)
    if (found === 'busy') return 'busy'
    return timingSafeEqual(found, hash) && stored !== undefined ? 'right' : 'wrong'
  }

  async #derive(password: string, salt: Buffer, cost: number): Promise<Buffer | 'busy'> {
    if (this.#running === AT_A_TIME) {
      if (this.#waiting.length >= this.#waitingMax) return 'busy'
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    } else this.#running++
    try {
      return await derive(password, salt, cost)
    } finally {
      // The place goes to the next one without being free in between.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}

function derive(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  const options = { N: cost, r: BLOCK_SIZE, p: PARALLELISM, maxmem: MEMORY_BYTES_MAX }
  return new Promise((resolve, reject) => {
    // The same characters can be typed in two ways.
    scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, hash) =>
      error === null ? resolve(hash) : reject(error),
    )
  })
}

function encode(salt: Buffer, hash: Buffer): string {
  return `$scrypt$N=${COST}$${salt.toString('base64url')}$${hash.toString('base64url')}`
}

/** Throws when it was not made by `encode`. */
function decode(stored: string): { readonly cost: number; readonly salt: Buffer; readonly hash: Buffer } {
  const [, cost, salt, hash] = /^\$scrypt\$N=(\d+)\$([\w-]+)\$([\w-]+)$/.exec(stored) ?? []
  if (cost === undefined || salt === undefined || hash === undefined)
    throw new Error('a password hash in the admin database is not one')
  return { cost: Number(cost), salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') }
}
