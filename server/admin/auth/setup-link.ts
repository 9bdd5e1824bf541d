// The one-time right to make the first admin, or to let in an admin who is locked out: whoever can read the broker's
// terminal, or its data directory, has it.

import { timingSafeEqual } from 'node:crypto'
import type { Millis } from '../../clock.ts'
import { newSecret, secretHash } from './secret.ts'

const VALID_MS = 24 * 3_600_000

export class SetupLink {
  #hash: string | undefined = undefined
  #validUntil: Millis = 0

  /** A new token; the one before is worth nothing any more. */
  issue(now: Millis): { readonly token: string; readonly validUntil: Millis } {
    const token = newSecret()
    this.#hash = secretHash(token)
    this.#validUntil = now + VALID_MS
    return { token, validUntil: this.#validUntil }
  }

  isRight(token: string, now: Millis): boolean {
    if (this.#hash === undefined || now >= this.#validUntil) return false
    return timingSafeEqual(Buffer.from(secretHash(token)), Buffer.from(this.#hash))
  }

  /** It has been used: once is all it is good for. */
  spend(): void {
    this.#hash = undefined
  }
}

/** In the fragment, which no browser sends and no proxy logs. */
export function setupUrl(httpUrl: string, token: string): string {
  return `${httpUrl}/setup#token=${token}`
}
