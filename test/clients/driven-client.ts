// A real client library behind one interface, so that the same scenarios run with each of them.

import assert from 'node:assert/strict'
import type { ProtocolVersion, QoS } from '../../server/protocol/packet.ts'
import { matches } from '../harness/matching.ts'
import type { Address } from '../harness/raw-client.ts'

export interface DrivenMessage {
  readonly topic: string
  readonly payload: string
  readonly qos: QoS
  readonly retain: boolean
  readonly dup: boolean
}

export type ClientEvent =
  | { readonly event: 'connected'; readonly sessionPresent: boolean }
  | { readonly event: 'lost'; readonly reason: string }
  | ({ readonly event: 'message' } & DrivenMessage)
  /** The library says that a message of its own is acknowledged (or, at QoS 0, sent). */
  | { readonly event: 'delivered'; readonly payload: string }

export interface ConnectRequest {
  readonly clientId: string
  readonly clean: boolean
  /** The broker itself unless given. */
  readonly address?: Address
  /** Whether the library is to come back by itself; it is not unless given. */
  readonly reconnect?: boolean
  /** 5.0 only; 600 unless given where `clean` is false, else 0. */
  readonly sessionExpirySeconds?: number
}

export interface PublishRequest {
  readonly topic: string
  readonly payload: string
  readonly qos: QoS
  readonly retain?: boolean
  /** 5.0 only. */
  readonly messageExpirySeconds?: number
}

/** What a library is told to do; the answer is undefined but for `subscribe`, which answers what was granted. */
export type Command =
  | ({ readonly do: 'publish' } & PublishRequest)
  | { readonly do: 'subscribe'; readonly topicFilter: string; readonly qos: QoS }
  | { readonly do: 'disconnect' }

export interface Driver {
  /** For test titles: library, version and transport. */
  readonly name: string
  readonly protocolVersion: ProtocolVersion
  readonly transport: 'tcp' | 'websocket'
  /** Resolves once connected; rejects with the library's words when refused. */
  connect(request: ConnectRequest): Promise<DrivenClient>
}

type EventOf<E extends ClientEvent['event']> = Extract<ClientEvent, { readonly event: E }>

const withinMsDefault = 5000

export class DrivenClient {
  /** Every event since it was made, in order. */
  readonly events: ClientEvent[] = []
  readonly #perform: (command: Command) => Promise<unknown>
  #arrived = Promise.withResolvers<void>()
  #messagesTaken = 0

  constructor(perform: (command: Command) => Promise<unknown>) {
    this.#perform = perform
  }

  /** To be called by the driver. */
  onEvent(event: ClientEvent): void {
    this.events.push(event)
    this.#arrived.resolve()
    this.#arrived = Promise.withResolvers<void>()
  }

  /** What the broker said at the last CONNACK. */
  get sessionPresent(): boolean {
    const connected = this.all('connected').at(-1)
    assert.ok(connected, 'the client has not been connected yet')
    return connected.sessionPresent
  }

  all<E extends ClientEvent['event']>(kind: E): EventOf<E>[] {
    return this.events.filter((event): event is EventOf<E> => event.event === kind)
  }

  async subscribe(topicFilter: string, qos: QoS): Promise<unknown> {
    return this.#perform({ do: 'subscribe', topicFilter, qos })
  }

  /** Resolves once the library has its acknowledgement; the payloads of one client are to differ. */
  async publish(request: PublishRequest): Promise<void> {
    await this.send(request)
    await this.waitFor('delivered', { payload: request.payload })
  }

  /** As `publish`, without waiting for the acknowledgement. */
  async send(request: PublishRequest): Promise<void> {
    await this.#perform({ do: 'publish', ...request })
  }

  async disconnect(): Promise<void> {
    await this.#perform({ do: 'disconnect' })
  }

  /** The messages not yet taken, up to one with this payload, which is taken and left out. */
  async messagesUntil(payload: string, withinMs = withinMsDefault): Promise<DrivenMessage[]> {
    const messages = await this.#find(
      () => {
        const untaken = this.all('message').slice(this.#messagesTaken)
        const end = untaken.findIndex(message => message.payload === payload)
        return end < 0 ? undefined : untaken.slice(0, end)
      },
      withinMs,
      `a message '${payload}'`,
    )
    this.#messagesTaken += messages.length + 1
    return messages
  }

  /** The next message not yet taken. */
  async nextMessage(withinMs = withinMsDefault): Promise<DrivenMessage> {
    const message = await this.#find(
      () => this.all('message')[this.#messagesTaken],
      withinMs,
      'one more message',
    )
    this.#messagesTaken++
    return message
  }

  /** The `count`th event of this kind with these fields, past or future. */
  async waitFor<E extends ClientEvent['event']>(
    kind: E,
    fields: Partial<EventOf<E>> = {},
    count = 1,
  ): Promise<EventOf<E>> {
    const wanted = `${count > 1 ? `${count} times ` : ''}'${kind}' ${JSON.stringify(fields)}`
    return this.#find(
      () => this.all(kind).filter(event => matches(event, fields))[count - 1],
      withinMsDefault,
      wanted,
    )
  }

  async #find<T>(find: () => T | undefined, withinMs: number, wanted: string): Promise<T> {
    const deadline = performance.now() + withinMs
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      const leftMs = deadline - performance.now()
      const recent = this.events.slice(-20).map(event => `\n  ${JSON.stringify(event)}`)
      assert.ok(leftMs > 0, `expected ${wanted} within ${withinMs} ms, but there was only${recent.join('')}`)
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, leftMs)
      await Promise.race([this.#arrived.promise, promise])
      clearTimeout(timer)
    }
  }
}
