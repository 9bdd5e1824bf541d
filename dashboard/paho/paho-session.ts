// One Paho JS client as promises: what it hides (session present, why a connection ended) is brought out here.

import type PahoModule from 'paho-mqtt'
import { NotConnected, Problem } from './problem.ts'
import { type WirePacket, wirePacketOf } from './wire-packet.ts'

export type Paho = typeof PahoModule
type Qos = 0 | 1 | 2

/** Far above any answer of a broker in reach, short enough to wait for in front of the page. */
export const ANSWER_MS = 5_000
const KEEP_ALIVE_SECONDS = 30

/** Paho's own numbers for how an attempt to connect ended. */
const CONNECT_TIMED_OUT = 1
const CONNECT_REFUSED = 6

export interface Arrived {
  readonly topic: string
  readonly payload: string
  readonly qos: Qos
  readonly retain: boolean
}

export interface Publication {
  readonly topic: string
  /** Unlike all others that this client publishes. */
  readonly payload: string
  readonly qos: Qos
  readonly retain: boolean
}

export interface PahoSessionGiven {
  readonly paho: Paho
  readonly url: string
  readonly clientId: string
  /** Hears of each packet, in both directions. */
  readonly onPacket?: (packet: WirePacket) => void
  /** Hears that the connection was lost, and not given up by this side. */
  readonly onLost?: () => void
}

export class PahoSession {
  /** In the order in which they came, over all connections. */
  readonly arrived: Arrived[] = []
  readonly #given: PahoSessionGiven
  readonly #client: InstanceType<Paho['Client']>
  /** What is called when something has come, or is acknowledged, or the connection is lost. */
  readonly #watchers = new Set<() => void>()
  /** What to reject when the connection breaks: Paho tells nobody who waits for an answer. */
  readonly #pending = new Set<(problem: Problem) => void>()
  readonly #acknowledged = new Set<string>()
  #connected = false
  #sessionPresent = false

  constructor(given: PahoSessionGiven) {
    this.#given = given
    this.#client = new given.paho.Client(given.url, given.clientId)
    // All of this before connecting: the messages that waited arrive right behind the answer to CONNECT.
    this.#client.trace = ({ message }) => this.#readTrace(message)
    this.#client.onMessageArrived = ({ destinationName, payloadString, qos, retained }) => {
      this.arrived.push({ topic: destinationName, payload: payloadString, qos, retain: retained })
      this.#changed()
    }
    this.#client.onMessageDelivered = ({ payloadString }) => {
      this.#acknowledged.add(payloadString)
      this.#changed()
    }
    this.#client.onConnectionLost = ({ errorCode, errorMessage }) => {
      this.#connected = false
      if (errorCode === 0) return
      given.onLost?.()
      for (const reject of this.#pending) reject(new Problem(`The connection broke: ${errorMessage}`))
      this.#pending.clear()
      this.#changed()
    }
  }

  get isConnected(): boolean {
    return this.#connected
  }

  /** Resolves to whether the broker remembered the session. */
  async connect(session: 'clean' | 'kept'): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    this.#sessionPresent = false
    this.#open({
      cleanSession: session === 'clean',
      // Stated, or a failed attempt is repeated as MQTT 3.1 without a word.
      mqttVersion: 4,
      timeout: ANSWER_MS / 1000,
      keepAliveInterval: KEEP_ALIVE_SECONDS,
      onSuccess: () => {
        this.#connected = true
        resolve(this.#sessionPresent)
      },
      onFailure: ({ errorCode, errorMessage }) => reject(this.#notConnected(errorCode, errorMessage)),
    })
    return promise
  }

  /** Throws what a browser has against the address as what it is. */
  #open(options: Parameters<InstanceType<Paho['Client']>['connect']>[0]): void {
    try {
      this.#client.connect(options)
    } catch (error) {
      if (!(error instanceof DOMException)) throw error
      throw new NotConnected(`The browser does not open ${this.#given.url}: ${error.message}`)
    }
  }

  /** Resolves to the granted QoS. */
  subscribe(topicFilter: string, qos: Qos): Promise<number> {
    return this.#answer(`the subscription to ${topicFilter}`, (resolve, reject) => {
      this.#client.subscribe(topicFilter, {
        qos,
        timeout: ANSWER_MS / 1000,
        onSuccess: ({ grantedQos }) => resolve(grantedQos[0] ?? 0),
        onFailure: () => reject(new Problem(`The broker did not grant the subscription to ${topicFilter}.`)),
      })
    })
  }

  /** Without waiting for an answer. */
  send({ topic, payload, qos, retain }: Publication): void {
    const message = new this.#given.paho.Message(payload)
    message.destinationName = topic
    message.qos = qos
    message.retained = retain
    this.#client.send(message)
  }

  /** Resolves when the broker has acknowledged the message; at QoS 0, when it was sent. */
  publish(publication: Publication): Promise<void> {
    const { payload } = publication
    const what = `an acknowledgement of message ${payload}`
    this.send(publication)
    return this.#until(what, () => this.#acknowledged.has(payload))
  }

  /** Of all that it has published. */
  get acknowledgedCount(): number {
    return this.#acknowledged.size
  }

  /** Resolves when a message with this payload has come. */
  arrival(payload: string): Promise<void> {
    return this.#until(`message ${payload}`, () => this.arrived.some(one => one.payload === payload))
  }

  /** Resolves when it is so, or when for so long nothing has come, been acknowledged or been lost. */
  async settled(isSo: () => boolean, quietMs: number): Promise<void> {
    while (!isSo()) {
      const change = Promise.withResolvers<'change' | 'quiet'>()
      const timer = setTimeout(() => change.resolve('quiet'), quietMs)
      const watcher = (): void => change.resolve('change')
      this.#watchers.add(watcher)
      const outcome = await change.promise
      clearTimeout(timer)
      this.#watchers.delete(watcher)
      if (outcome === 'quiet') return
    }
  }

  disconnect(): void {
    if (this.#connected) this.#client.disconnect()
  }

  /** Paho keeps unacknowledged messages in the browser; none of this client's may be sent by a later page. */
  forget(): void {
    for (const key of Object.keys(localStorage)) {
      if (/^(Sent|Received):/.test(key) && key.includes(`:${this.#given.clientId}:`))
        localStorage.removeItem(key)
    }
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher()
  }

  #readTrace(record: string): void {
    const packet = wirePacketOf(record)
    if (packet === undefined) return
    if (packet.name === 'CONNACK') this.#sessionPresent = packet.sessionPresent
    this.#given.onPacket?.(packet)
  }

  #notConnected(errorCode: number, errorMessage: string): Problem {
    switch (errorCode) {
      case CONNECT_TIMED_OUT:
        return new NotConnected(
          `No answer to CONNECT within ${ANSWER_MS / 1000} seconds.`,
          'The broker is overloaded or stopped, or something in between holds the bytes back.',
        )
      case CONNECT_REFUSED:
        return new Problem(`The broker refused the connection: ${errorMessage}`, 'Its log says why.')
      default:
        return new NotConnected(
          `The WebSocket to ${this.#given.url} did not open, or was closed at once.`,
          'The broker has stopped, or a proxy in between does not pass WebSocket on; the browser console says more.',
        )
    }
  }

  /** Rejects when the connection breaks, or when it does not become so in time. */
  #until(what: string, isSo: () => boolean): Promise<void> {
    let look = (): void => undefined
    return this.#answer<void>(what, resolve => {
      look = () => {
        if (isSo()) resolve()
      }
      this.#watchers.add(look)
      look()
    }).finally(() => this.#watchers.delete(look))
  }

  /** Rejects when the connection breaks, or when nothing comes in time. */
  async #answer<T>(
    what: string,
    ask: (resolve: (value: T) => void, reject: (problem: Problem) => void) => void,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const timer = setTimeout(
      () => reject(new Problem(`Waited ${ANSWER_MS / 1000} seconds for ${what}, and it did not come.`)),
      ANSWER_MS,
    )
    this.#pending.add(reject)
    try {
      ask(resolve, reject)
      return await promise
    } finally {
      clearTimeout(timer)
      this.#pending.delete(reject)
    }
  }
}
