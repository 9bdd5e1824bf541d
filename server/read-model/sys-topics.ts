// The `$SYS` topics that mosquitto's users know, folded from the broker's events and counters.

import type { Broker } from '../broker/broker.ts'
import { every, type Millis } from '../clock.ts'
import type { BrokerEvent } from '../events.ts'
import type { Admission } from '../transport/admission.ts'
import { LoadAverages } from './load-averages.ts'
import { lossTopics, storeTopics } from './store-topics.ts'

export interface SysGiven {
  readonly broker: Broker
  readonly admission: Admission
  readonly version: string
  /** Milliseconds between two rounds; undefined publishes nothing. */
  readonly intervalMs: Millis | undefined
}

type Values = Readonly<Record<string, string | number>>

export class SysTopics {
  #expired = 0
  /** Clients that were let in since the start. */
  #connects = 0
  #connectionsMaximum = 0
  #heapBytesMaximum = 0
  readonly #loads = new LoadAverages()
  /** What each topic last said: a value that stands still is not published again. */
  readonly #said = new Map<string, string>()

  learn(event: BrokerEvent): void {
    if (event.kind === 'connected') this.#connects++
    else if (event.kind === 'session-ended' && event.why.startsWith('expired')) this.#expired++
  }

  /** Publishes now and on the interval; returns how to stop. */
  start(given: SysGiven): () => void {
    if (given.intervalMs === undefined) return () => undefined
    const { clock } = given.broker.parts
    const startedAt = clock.now()
    let roundAt = startedAt
    const publish = (): void => {
      const now = clock.now()
      this.#publish(given, this.#clients(given))
      this.#publish(given, this.#messages(given))
      this.#publish(given, this.#load(given, now - roundAt))
      this.#publish(given, storeTopics(given.broker))
      this.#publish(given, lossTopics(given.broker))
      this.#publish(given, {
        version: `holdfast ${given.version}`,
        uptime: `${Math.floor((now - startedAt) / 1000)} seconds`,
        ...this.#heap(),
      })
      roundAt = now
    }
    publish()
    return every(given.intervalMs, publish)
  }

  #publish({ broker }: SysGiven, values: Values): void {
    for (const [name, value] of Object.entries(values)) {
      const payload = String(value)
      if (this.#said.get(name) === payload) continue
      this.#said.set(name, payload)
      broker.publishOwn(`$SYS/broker/${name}`, payload)
    }
  }

  /** `active` and `inactive` are mosquitto's old names for connected and disconnected. */
  #clients({ broker, admission }: SysGiven): Values {
    const { registry } = broker.parts
    const { connected } = registry
    const disconnected = registry.count - connected
    this.#connectionsMaximum = Math.max(this.#connectionsMaximum, connected)
    return {
      'clients/total': registry.count,
      'clients/connected': connected,
      'clients/active': connected,
      'clients/disconnected': disconnected,
      'clients/inactive': disconnected,
      'clients/maximum': this.#connectionsMaximum,
      'clients/expired': this.#expired,
      'sockets/count': admission.connections,
    }
  }

  /** Under `messages/` all packets count, under `publish/` those of type PUBLISH. */
  #messages({ broker }: SysGiven): Values {
    const { counters, retained, router, durable, volatile } = broker.parts
    const stored = [durable, volatile].map(store => store.totals())
    const storedMessages = stored.reduce((sum, one) => sum + one.messages, 0)
    return {
      'messages/received': counters.packetsReceived,
      'messages/sent': counters.packetsSent,
      'messages/stored': storedMessages + retained.messages,
      'publish/messages/received': counters.messagesReceived,
      'publish/messages/sent': counters.messagesSent,
      'publish/messages/dropped': counters.messagesDropped,
      'publish/bytes/received': counters.payloadBytesReceived,
      'publish/bytes/sent': counters.payloadBytesSent,
      'store/messages/count': storedMessages,
      'store/messages/bytes': stored.reduce((sum, one) => sum + one.bytes, 0),
      'bytes/received': counters.bytesReceived,
      'bytes/sent': counters.bytesSent,
      'subscriptions/count': router.subscriptions,
      'shared_subscriptions/count': router.sharedGroups,
      'retained messages/count': retained.messages,
    }
  }

  #load({ broker, admission }: SysGiven, elapsedMs: Millis): Values {
    const { counters } = broker.parts
    const totals = {
      'messages/received': counters.packetsReceived,
      'messages/sent': counters.packetsSent,
      'publish/received': counters.messagesReceived,
      'publish/sent': counters.messagesSent,
      'publish/dropped': counters.messagesDropped,
      'bytes/received': counters.bytesReceived,
      'bytes/sent': counters.bytesSent,
      connections: this.#connects,
      sockets: admission.entered,
      'store/commits': broker.parts.durable.statistics?.commits ?? 0,
    }
    return Object.fromEntries(
      Object.entries(totals).flatMap(([name, total]) => this.#loads.next(`load/${name}`, total, elapsedMs)),
    )
  }

  #heap(): Values {
    const { heapUsed, external } = process.memoryUsage()
    this.#heapBytesMaximum = Math.max(this.#heapBytesMaximum, heapUsed + external)
    return { 'heap/current': heapUsed + external, 'heap/maximum': this.#heapBytesMaximum }
  }
}
