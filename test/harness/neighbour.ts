// A healthy client beside the one that misbehaves: whatever happens next to it, its messages must go on.

import { randomBytes } from 'node:crypto'
import { type Address, RawClient } from './raw-client.ts'

class Neighbour {
  readonly #client: RawClient
  readonly #topic: string
  #count = 0

  constructor(client: RawClient, topic: string) {
    this.#client = client
    this.#topic = topic
  }

  /** One QoS 1 message to itself, through a connection that was open all the time; nothing else may arrive. */
  async check(): Promise<void> {
    const payload = `message ${++this.#count}`
    await this.#client.publish({ topic: this.#topic, payload, qos: 1 })
    await this.#client.expect('publish', { topic: this.#topic, payload, dup: false, retain: false })
    await this.#client.ping()
  }
}

export interface NeighbourOfFile {
  /** Connects it unless it is connected: before something goes wrong next to it. */
  arrive(): Promise<void>
  check(): Promise<void>
}

/** One neighbour for all tests of a file; it subscribes to a topic of its own. */
export function neighbourForFile(broker: Address): NeighbourOfFile {
  let neighbour: Promise<Neighbour> | undefined
  const connected = (): Promise<Neighbour> => {
    neighbour ??= connectNeighbour(broker)
    return neighbour
  }
  return {
    arrive: async () => {
      await connected()
    },
    check: async () => (await connected()).check(),
  }
}

async function connectNeighbour(broker: Address): Promise<Neighbour> {
  const client = await RawClient.connected(broker, {}, { until: 'end-of-file', protocolVersion: 4 })
  const topic = `neighbour/${randomBytes(6).toString('hex')}`
  await client.subscribe(topic, 0)
  return new Neighbour(client, topic)
}
