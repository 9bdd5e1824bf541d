// The `$SYS` topics that mosquitto's users know, folded from the broker's events and counters.

import type { Broker } from '../broker/broker.ts'
import { every, type Millis } from '../clock.ts'
import type { BrokerEvent } from '../events.ts'
import type { Admission } from '../transport/admission.ts'

export interface SysGiven {
  readonly broker: Broker
  readonly admission: Admission
  readonly version: string
  /** Milliseconds between two rounds; undefined publishes nothing. */
  readonly intervalMs: Millis | undefined
}

export class SysTopics {
  #expired = 0
  #connectionsMaximum = 0
  /** What each topic last said: a value that stands still is not published again. */
  readonly #said = new Map<string, string>()

  learn(event: BrokerEvent): void {
    if (event.kind === 'session-ended' && event.why === 'expired') this.#expired++
  }

  /** Publishes now and on the interval; returns how to stop. */
  start(given: SysGiven): () => void {
    if (given.intervalMs === undefined) return () => undefined
    const startedAt = given.broker.parts.clock.now()
    const publish = (): void => {
      for (const [name, value] of this.#values(given, startedAt)) {
        const payload = String(value)
        if (this.#said.get(name) === payload) continue
        this.#said.set(name, payload)
        given.broker.publishOwn(`$SYS/broker/${name}`, payload)
      }
    }
    publish()
    return every(given.intervalMs, publish)
  }

  #values(given: SysGiven, startedAt: Millis): readonly (readonly [string, string | number])[] {
    const { registry, counters, retained, router, clock, durable, volatile } = given.broker.parts
    const { connected } = registry
    this.#connectionsMaximum = Math.max(this.#connectionsMaximum, connected)
    const stored = [durable, volatile].map(store => store.totals())
    return Object.entries({
      version: `holdfast ${given.version}`,
      uptime: `${Math.floor((clock.now() - startedAt) / 1000)} seconds`,
      'clients/total': registry.count,
      'clients/connected': connected,
      'clients/disconnected': registry.count - connected,
      'clients/maximum': this.#connectionsMaximum,
      'clients/expired': this.#expired,
      'sockets/count': given.admission.connections,
      'messages/stored': stored.reduce((sum, one) => sum + one.messages, 0) + retained.messages,
      'publish/messages/received': counters.messagesReceived,
      'publish/messages/sent': counters.messagesSent,
      'publish/messages/dropped': counters.messagesDropped,
      'store/messages/count': stored.reduce((sum, one) => sum + one.messages, 0),
      'store/messages/bytes': stored.reduce((sum, one) => sum + one.bytes, 0),
      'bytes/received': counters.bytesReceived,
      'bytes/sent': counters.bytesSent,
      'subscriptions/count': router.subscriptions,
      'shared_subscriptions/count': router.sharedGroups,
      'retained messages/count': retained.messages,
    })
  }
}
