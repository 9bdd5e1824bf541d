// Says in good time that the disk or a store is nearly full, and when that is over.

import { type Clock, every } from '../clock.ts'
import type { Emit } from '../events.ts'
import type { Store } from '../store/store.ts'

/** There is time to act, and most disks are kept emptier than that. */
const RAISED_AT = 0.9
/** Lower, so that what sways around the bound is said once. */
const LOWERED_AT = 0.85
/** The disk is looked at with every commit; to read what that has found costs nothing. */
const LOOK_MS = 1_000

export interface StoreWarningGiven {
  readonly clock: Clock
  readonly emit: Emit
  readonly durable: Store
  readonly volatile: Store
  /** Of each store. */
  readonly bytesMax: number
}

type Cause = 'disk' | 'store'

export class StoreWarning {
  readonly #given: StoreWarningGiven
  readonly #raised = new Set<Cause>()
  #text: string | undefined = undefined

  constructor(given: StoreWarningGiven) {
    this.#given = given
  }

  /** What is nearly full, and how full, at this moment; undefined while all is well. */
  get text(): string | undefined {
    this.look()
    return this.#text
  }

  /** Looks now and then; returns how to stop. */
  start(): () => void {
    this.look()
    return every(LOOK_MS, () => this.look())
  }

  /** Emits an event when something has begun or ceased to be nearly full, not when it is a little fuller. */
  look(): void {
    const disk = this.#diskShare()
    const store = this.#storeShare()
    const [diskChanged, storeChanged] = [this.#judge('disk', disk), this.#judge('store', store)]
    const texts: string[] = []
    if (this.#raised.has('disk')) texts.push(`the disk of the data directory is ${percent(disk)} % full`)
    if (this.#raised.has('store')) texts.push(`messages fill ${percent(store)} % of store-bytes-max`)
    this.#text = texts.length === 0 ? undefined : texts.join('; ')
    if (!diskChanged && !storeChanged) return
    const { clock, emit } = this.#given
    emit({ kind: 'store-warning', at: clock.now(), clientId: '', warning: this.#text })
  }

  #diskShare(): number {
    const { disk } = this.#given.durable.statistics ?? {}
    return disk === undefined ? 0 : 1 - disk.freeBytes / disk.bytes
  }

  #storeShare(): number {
    const { durable, volatile, bytesMax } = this.#given
    return Math.max(durable.totals().bytes, volatile.totals().bytes) / bytesMax
  }

  /** Whether that has changed. */
  #judge(cause: Cause, share: number): boolean {
    if (share >= RAISED_AT && !this.#raised.has(cause)) {
      this.#raised.add(cause)
      return true
    }
    return share < LOWERED_AT && this.#raised.delete(cause)
  }
}

function percent(share: number): number {
  return Math.floor(share * 100)
}
