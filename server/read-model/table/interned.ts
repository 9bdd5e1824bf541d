// Values that many rows share, as small numbers: compared and counted once for all their rows.

export class Interned<T> {
  readonly #numbers = new Map<T, number>()
  readonly #values: (T | undefined)[] = []
  /** Rows that hold each value. */
  readonly #holders: number[] = []
  readonly #free: number[] = []
  /** Grows when a number comes to mean another value: what was found out about numbers before is void. */
  reused = 0

  /** Below it lie all numbers that were ever given. */
  get size(): number {
    return this.#values.length
  }

  /** The number of the value, held by one more row. */
  take(value: T): number {
    const known = this.#numbers.get(value)
    if (known !== undefined) {
      this.#holders[known]!++
      return known
    }
    const free = this.#free.pop()
    const number = free ?? this.#values.length
    if (free !== undefined) this.reused++
    this.#values[number] = value
    this.#holders[number] = 1
    this.#numbers.set(value, number)
    return number
  }

  /** One row holds it no longer; nobody's value is forgotten. */
  release(number: number): void {
    if (--this.#holders[number]! > 0) return
    this.#numbers.delete(this.#values[number] as T)
    this.#values[number] = undefined
    this.#free.push(number)
  }

  value(number: number): T {
    return this.#values[number] as T
  }
}

const UNKNOWN = 0
const NO = 1
const YES = 2

/** Asks once for each value that rows share, as long as its number means the same. */
export function eachOnce<T>(
  interned: Interned<T>,
  matches: (value: T) => boolean,
): (number: number) => boolean {
  let answers = new Uint8Array(interned.size)
  let { reused } = interned
  return number => {
    if (reused !== interned.reused || number >= answers.length) {
      answers = new Uint8Array(interned.size)
      reused = interned.reused
    }
    if (answers[number] === UNKNOWN) answers[number] = matches(interned.value(number)) ? YES : NO
    return answers[number] === YES
  }
}
