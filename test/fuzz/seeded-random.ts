// Random choices that a seed repeats: HOLDFAST_FUZZ_SEED sets it, and a failure names it.

import { randomInt } from 'node:crypto'
import { test } from 'node:test'

const seed = Number(process.env['HOLDFAST_FUZZ_SEED'] ?? randomInt(2 ** 31))
const rounds = Number(process.env['HOLDFAST_FUZZ_ROUNDS'] ?? 2_000)

/** A mulberry32 generator: small, even enough, and the same everywhere. */
export class SeededRandom {
  #state: number

  constructor(start: number) {
    this.#state = start >>> 0
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0
  }

  pick<T>(values: readonly T[]): T {
    const picked = values[this.below(values.length)]
    if (picked === undefined) throw new Error('nothing to pick from')
    return picked
  }

  list<T>(max: number, make: () => T, min = 0): T[] {
    return Array.from({ length: min + this.below(max - min + 1) }, make)
  }

  bytes(max: number): Buffer {
    return Buffer.from(this.list(max, () => this.below(256)))
  }
}

/** Runs `round` many times as one test; a failure says how to see it again. */
export function fuzz(title: string, round: (random: SeededRandom) => void): void {
  test(title, () => {
    const random = new SeededRandom(seed)
    for (let count = 0; count < rounds; count++) {
      try {
        round(random)
      } catch (error) {
        throw new Error(`round ${count} fails; repeat it with HOLDFAST_FUZZ_SEED=${seed}`, { cause: error })
      }
    }
  })
}
