// How often somebody may guess a password: five times, then not for ten minutes, for each address and name together,
// so that nobody can lock the owner out from elsewhere.

import type { Millis } from '../../clock.ts'

const FAILURES_MAX = 5
const WINDOW_MS = 5 * 60_000
const LOCKED_MS = 10 * 60_000
/** From one address, whatever the names: a list of names is no way around. */
const FAILURES_PER_ADDRESS_MAX = 50
/** Pairs that are remembered; the oldest goes first. An attacker with more addresses than this is the firewall's. */
const PAIRS_MAX = 20_000

interface Guesses {
  failures: number
  since: Millis
  lockedUntil: Millis
}

export class LoginLimit {
  readonly #guesses = new Map<string, Guesses>()

  /**
   * To be called before the password is looked at, so that a thousand tries at once count as well. Counts the try as
   * failed until `succeeded`; returns the milliseconds until another one is heard, 0 when this one is.
   */
  begin(address: string, name: string, now: Millis): Millis {
    const keys = keysOf(address, name)
    const until = keys.map(({ key }) => this.#guesses.get(key)?.lockedUntil ?? 0)
    const waitMs = Math.max(0, ...until.map(time => time - now))
    if (waitMs === 0) for (const { key, max } of keys) this.#count(key, max, now)
    return waitMs
  }

  succeeded(address: string, name: string): void {
    const [pair, whole] = keysOf(address, name)
    this.#guesses.delete(pair!.key)
    const guesses = this.#guesses.get(whole!.key)
    if (guesses !== undefined && guesses.failures > 0) guesses.failures--
  }

  #count(key: string, max: number, now: Millis): void {
    const found = this.#guesses.get(key)
    const isOld = found === undefined || now - found.since > WINDOW_MS
    const guesses = isOld ? { failures: 0, since: now, lockedUntil: 0 } : found
    if (++guesses.failures >= max)
      Object.assign(guesses, { failures: 0, since: now, lockedUntil: now + LOCKED_MS })
    // Behind the others again: the first in the map is the one that was quiet for longest.
    this.#guesses.delete(key)
    this.#guesses.set(key, guesses)
    if (this.#guesses.size > PAIRS_MAX) this.#guesses.delete(this.#guesses.keys().next().value!)
  }
}

function keysOf(address: string, name: string): readonly { readonly key: string; readonly max: number }[] {
  return [
    { key: JSON.stringify([address, name]), max: FAILURES_MAX },
    { key: JSON.stringify([address]), max: FAILURES_PER_ADDRESS_MAX },
  ]
}
