// Counts connections, in all and by address, and refuses those above the limits before they cost anything.

export interface AdmissionLimits {
  readonly connectionsMax: number
  readonly connectionsPerAddressMax: number
}

export class Admission {
  readonly #limits: AdmissionLimits
  readonly #byAddress = new Map<string, number>()
  connections = 0
  /** Since the start, like `refused`. */
  entered = 0
  refused = 0

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }

  /** True when the connection may stay; it must then be given back with `leave`. */
  enter(address: string): boolean {
    const fromAddress = this.#byAddress.get(address) ?? 0
    if (
      this.connections >= this.#limits.connectionsMax ||
      fromAddress >= this.#limits.connectionsPerAddressMax
    ) {
      this.refused++
      return false
    }
    this.connections++
    this.entered++
    this.#byAddress.set(address, fromAddress + 1)
    return true
  }

  leave(address: string): void {
    this.connections--
    const left = (this.#byAddress.get(address) ?? 1) - 1
    if (left === 0) this.#byAddress.delete(address)
    else this.#byAddress.set(address, left)
  }
}
