// Members while a plan is being made: a column for each fact, so that a million of them are some 60 MB for some seconds.

import type { BlockedReason } from '../../../shared/plan.ts'
import { blockedReasons, PLAN_ITEMS_MAX } from '../../../shared/plan.ts'
import type { Slices } from '../slices.ts'
import type { Member } from './member.ts'
import { sortedPositions } from './sort.ts'

const CONNECTED = 1
const WILL = 2
const BLOCKED_SHIFT = 2

export class MemberColumns {
  readonly #keys: string[] = []
  readonly #generations: string[] = []
  readonly #particulars: string[] = []
  readonly #since = new Column(Float64Array)
  readonly #bytes = new Column(Float64Array)
  readonly #messages = new Column(Uint32Array)
  readonly #subscriptions = new Column(Uint32Array)
  readonly #flags = new Column(Uint8Array)

  get count(): number {
    return this.#keys.length
  }

  add(member: Member): void {
    const at = this.#keys.length
    this.#keys.push(member.key)
    this.#generations.push(member.generation)
    this.#particulars.push(member.particulars)
    this.#since.set(at, member.since)
    this.#bytes.set(at, member.bytes)
    this.#messages.set(at, member.messages)
    this.#subscriptions.set(at, member.subscriptions)
    this.#flags.set(at, flagsOf(member))
  }

  get(at: number): Member {
    const flags = this.#flags.get(at)
    return {
      key: this.#keys[at]!,
      generation: this.#generations[at]!,
      connected: (flags & CONNECTED) !== 0,
      since: this.#since.get(at),
      messages: this.#messages.get(at),
      bytes: this.#bytes.get(at),
      subscriptions: this.#subscriptions.get(at),
      will: (flags & WILL) !== 0,
      blocked: blockedReasons[(flags >> BLOCKED_SHIFT) - 1],
      particulars: this.#particulars[at]!,
    }
  }

  /**
   * Positions in the order of keys, each key once: sessions that end and come back while the list is being made can
   * be met twice, and the later look is the one that counts.
   */
  async sorted(slices: Slices): Promise<Uint32Array> {
    const keys = this.#keys
    const positions = await sortedPositions(keys.length, (a, b) => keys[a]! < keys[b]!, slices)
    let count = 0
    for (let index = 0; index < positions.length; index++) {
      const at = positions[index]!
      if (count > 0 && keys[positions[count - 1]!] === keys[at]) count--
      positions[count++] = at
      if (slices.isOver()) await slices.next()
    }
    return positions.subarray(0, count)
  }
}

function flagsOf({ connected, will, blocked }: Member): number {
  return (connected ? CONNECTED : 0) | (will ? WILL : 0) | (blockedNumber(blocked) << BLOCKED_SHIFT)
}

function blockedNumber(blocked: BlockedReason | undefined): number {
  return blocked === undefined ? 0 : blockedReasons.indexOf(blocked) + 1
}

type Numbers = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>
interface NumbersKind {
  new (buffer: ArrayBuffer): Numbers
  readonly BYTES_PER_ELEMENT: number
}

const GROWS_BY = 16_384

/** Grows in place: address space is reserved at once, memory is not, and nothing is ever copied. */
class Column {
  readonly #numbers: Numbers
  readonly #bytesEach: number

  constructor(Kind: NumbersKind) {
    this.#bytesEach = Kind.BYTES_PER_ELEMENT
    const maxByteLength = (PLAN_ITEMS_MAX + GROWS_BY) * this.#bytesEach
    this.#numbers = new Kind(new ArrayBuffer(0, { maxByteLength }))
  }

  set(at: number, value: number): void {
    if (at >= this.#numbers.length) this.#numbers.buffer.resize((at + GROWS_BY) * this.#bytesEach)
    this.#numbers[at] = value
  }

  get(at: number): number {
    return this.#numbers[at]!
  }
}
