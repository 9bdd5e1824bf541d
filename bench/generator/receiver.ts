// Counts what one subscriber gets, tells the flows how far it is, and times the stamped messages.
import type { PublishHandler } from './client.ts'
import type { Flow } from './flow.ts'
import { publisherOf, sentAtOf } from './payload.ts'

export class Receiver {
  readonly #counts: Int32Array
  readonly #flows: readonly Flow[]
  readonly #blockMessages: number
  readonly #recordLatency: (milliseconds: number) => void
  #received = 0

  /** `flows` by publisher number. */
  constructor(flows: readonly Flow[], blockMessages: number, recordLatency: (milliseconds: number) => void) {
    this.#flows = flows
    this.#counts = new Int32Array(flows.length)
    this.#blockMessages = blockMessages
    this.#recordLatency = recordLatency
  }

  get received(): number {
    return this.#received
  }

  readonly onPublish: PublishHandler = (bytes, payloadStart) => {
    const publisher = publisherOf(bytes, payloadStart)
    const count = (this.#counts[publisher] as number) + 1
    this.#counts[publisher] = count
    this.#received++
    const sentAt = sentAtOf(bytes, payloadStart)
    if (sentAt !== 0) this.#recordLatency(performance.now() - sentAt)
    if (count % this.#blockMessages === 0) this.#flows[publisher]?.onPartyDone(count)
  }
}
