// Counts connections, in all, by address and by transport, and refuses those above the limits before they cost anything.

import type { Remote } from './byte-stream.ts'

type Transport = Remote['transport']

export interface AdmissionCounts {
  open: number
  /** Since the start, like `refused`. */
  entered: number
  refused: number
}

export interface AdmissionLimits {
  readonly connectionsMax: number
  readonly connectionsPerAddressMax: number
}

export class Admission {
  readonly #limits: AdmissionLimits
  readonly #byAddress = new Map<string, number>()
  readonly #byTransport: Readonly<Record<Transport, AdmissionCounts>> = {
    tcp: { open: 0, entered: 0, refused: 0 },
    websocket: { open: 0, entered: 0, refused: 0 },
  }

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }

  get byTransport(): Readonly<Record<Transport, Readonly<AdmissionCounts>>> {
    return this.#byTransport
  }

  get connections(): number {
    const { tcp, websocket } = this.#byTransport
    return tcp.open + websocket.open
  }

  /** Since the start. */
  get entered(): number {
    const { tcp, websocket } = this.#byTransport
    return tcp.entered + websocket.entered
  }

  /** True when the connection may stay; it must then be given back with `leave`. */
  enter(transport: Transport, address: string): boolean {
    const counts = this.#byTransport[transport]
    const fromAddress = this.#byAddress.get(address) ?? 0
    if (
      this.connections >= this.#limits.connectionsMax ||
      fromAddress >= this.#limits.connectionsPerAddressMax
    ) {
      counts.refused++
      return false
    }
    counts.open++
    counts.entered++
    this.#byAddress.set(address, fromAddress + 1)
    return true
  }

  leave(transport: Transport, address: string): void {
    this.#byTransport[transport].open--
    const left = (this.#byAddress.get(address) ?? 1) - 1
    if (left === 0) this.#byAddress.delete(address)
    else this.#byAddress.set(address, left)
  }
}
