// An MQTT.js client for one test, with what it received in order and CONNACK at hand.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after } from 'node:test'
import {
  connect,
  type IClientOptions,
  type IConnackPacket,
  type IDisconnectPacket,
  type IPublishPacket,
  type MqttClient,
} from 'mqtt'
import type { Address } from '../harness/raw-client.ts'

export type Transport = 'tcp' | 'websocket'
export const transports: readonly Transport[] = ['tcp', 'websocket']

export interface PeerMessage {
  /** The topic alias, if any, is resolved. */
  readonly topic: string
  readonly payload: string
  readonly packet: IPublishPacket
}

export function uniqueName(): string {
  return `peer-${randomBytes(5).toString('hex')}`
}

export class MqttJsPeer {
  readonly client: MqttClient
  readonly messages: PeerMessage[] = []
  /** DISCONNECT packets of the broker. */
  readonly disconnects: IDisconnectPacket[] = []
  connack: IConnackPacket | undefined
  #arrived = Promise.withResolvers<void>()
  #taken = 0

  private constructor(client: MqttClient) {
    this.client = client
    client.on('connect', connack => {
      this.connack = connack
    })
    client.on('message', (topic, payload, packet) => {
      // MQTT.js goes on to use the packet.
      this.messages.push({ topic, payload: payload.toString(), packet: { ...packet } })
      this.#wake()
    })
    client.on('disconnect', packet => {
      this.disconnects.push(packet)
      this.#wake()
    })
    client.on('close', () => this.#wake())
  }

  /** 5.0 with Clean Start and without reconnecting unless `options` say otherwise; rejects when refused. */
  static async connect(
    address: Address,
    transport: Transport,
    options: IClientOptions = {},
  ): Promise<MqttJsPeer> {
    const url = transport === 'tcp' ? `mqtt://${address.host}:${address.port}` : address.websocketUrl
    const client = connect(url, {
      protocolVersion: 5,
      clientId: uniqueName(),
      reconnectPeriod: 0,
      connectTimeout: 5000,
      resubscribe: false,
      ...options,
    })
    const peer = new MqttJsPeer(client)
    after(() => client.end(true))
    await new Promise((resolve, reject) => {
      client.once('connect', resolve)
      client.once('error', reject)
    })
    // After CONNACK a broken connection is what a test looks at, not what ends it.
    client.on('error', () => peer.#wake())
    return peer
  }

  get properties(): NonNullable<IConnackPacket['properties']> {
    return this.connack?.properties ?? {}
  }

  get sessionPresent(): boolean {
    return this.connack?.sessionPresent === true
  }

  async next(withinMs = 3000): Promise<PeerMessage> {
    const message = await this.#find(() => this.messages[this.#taken], withinMs, 'one more message')
    this.#taken++
    return message
  }

  async take(count: number): Promise<PeerMessage[]> {
    const messages: PeerMessage[] = []
    while (messages.length < count) messages.push(await this.next())
    return messages
  }

  /** The DISCONNECT of the broker. */
  disconnect(): Promise<IDisconnectPacket> {
    return this.#find(() => this.disconnects[0], 3000, 'a DISCONNECT')
  }

  /** DISCONNECT, and its connection closed. */
  end(packet: Partial<IDisconnectPacket> = {}): Promise<void> {
    return this.client.endAsync(false, packet)
  }

  /** Cuts the connection without DISCONNECT. */
  cut(): void {
    this.client.stream.destroy()
  }

  #wake(): void {
    this.#arrived.resolve()
    this.#arrived = Promise.withResolvers<void>()
  }

  async #find<T>(find: () => T | undefined, withinMs: number, wanted: string): Promise<T> {
    const deadline = performance.now() + withinMs
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      const leftMs = deadline - performance.now()
      const payloads = this.messages.map(({ payload }) => payload.slice(0, 40))
      assert.ok(leftMs > 0, `expected ${wanted} within ${withinMs} ms, but there was only ${payloads}`)
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, leftMs)
      await Promise.race([this.#arrived.promise, promise])
      clearTimeout(timer)
    }
  }
}
