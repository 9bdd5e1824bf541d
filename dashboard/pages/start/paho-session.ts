// One Paho JS client as promises: what it hides (session present, why a connection ended) is brought out here.

import type PahoModule from 'paho-mqtt'
import { Problem } from './problem.ts'

export type Paho = typeof PahoModule

/** Far above any answer of a broker in reach, short enough to wait for in front of the page. */
export const ANSWER_MS = 5_000
const KEEP_ALIVE_SECONDS = 30

/** Paho's own numbers for how an attempt to connect ended. */
const CONNECT_TIMED_OUT = 1
const CONNECT_REFUSED = 6

const HANDLE_MESSAGE = '"Client._handleMessage"'
const CONNACK = 2

export class PahoSession {
  /** Payloads in the order in which they came, over all connections. */
  readonly received: string[] = []
  readonly #paho: Paho
  readonly #client: InstanceType<Paho['Client']>
  readonly #url: string
  /** What resolves when the message with this payload is acknowledged, and when it arrives. */
  readonly #acknowledged = new Map<string, () => void>()
  readonly #arrived = new Map<string, () => void>()
  /** What to reject when the connection breaks: Paho tells nobody who waits for an answer. */
  readonly #pending = new Set<(problem: Problem) => void>()
  #onNext: () => void = () => undefined
  #connected = false
  #sessionPresent = false

  constructor(paho: Paho, url: string, clientId: string) {
    this.#paho = paho
    this.#url = url
    this.#client = new paho.Client(url, clientId)
    // All of this before connecting: the messages that waited arrive right behind the answer to CONNECT.
    this.#client.trace = ({ message }) => this.#readTrace(message)
    this.#client.onMessageArrived = ({ payloadString }) => {
      this.received.push(payloadString)
      this.#onNext()
      this.#arrived.get(payloadString)?.()
    }
    this.#client.onMessageDelivered = ({ payloadString }) => this.#acknowledged.get(payloadString)?.()
    this.#client.onConnectionLost = ({ errorCode, errorMessage }) => {
      this.#connected = false
      if (errorCode === 0) return
      for (const reject of this.#pending) reject(new Problem(`The connection broke: ${errorMessage}`))
      this.#pending.clear()
    }
  }

  /** Resolves to whether the broker remembered the session. */
  connect(session: 'clean' | 'kept'): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    this.#sessionPresent = false
    this.#client.connect({
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

  /** Resolves to the granted QoS. */
  subscribe(topicFilter: string, qos: 0 | 1 | 2): Promise<number> {
    return this.#answer(`the subscription to ${topicFilter}`, (resolve, reject) => {
      this.#client.subscribe(topicFilter, {
        qos,
        timeout: ANSWER_MS / 1000,
        onSuccess: ({ grantedQos }) => resolve(grantedQos[0] ?? 0),
        onFailure: () => reject(new Problem(`The broker did not grant the subscription to ${topicFilter}.`)),
      })
    })
  }

  /** Resolves when the broker has acknowledged the message, whose payload must be unlike all others'. */
  publish(topic: string, payload: string): Promise<void> {
    return this.#answer(`an acknowledgement of message ${payload}`, resolve => {
      this.#acknowledged.set(payload, resolve)
      const message = new this.#paho.Message(payload)
      message.destinationName = topic
      message.qos = 1
      this.#client.send(message)
    })
  }

  /** Resolves when a message with this payload comes. */
  arrival(payload: string): Promise<void> {
    return this.#answer(`message ${payload}`, resolve => this.#arrived.set(payload, resolve))
  }

  /** Resolves when so many messages have come, or when for so long none did. */
  async arrivals(count: number, quietMs: number): Promise<void> {
    while (this.received.length < count) {
      const quiet = Promise.withResolvers<'quiet'>()
      const timer = setTimeout(() => quiet.resolve('quiet'), quietMs)
      const next = Promise.withResolvers<'message'>()
      this.#onNext = () => next.resolve('message')
      const outcome = await Promise.race([next.promise, quiet.promise])
      clearTimeout(timer)
      if (outcome === 'quiet') return
    }
  }

  disconnect(): void {
    if (this.#connected) this.#client.disconnect()
  }

  #readTrace(record: string): void {
    if (!record.startsWith(HANDLE_MESSAGE)) return
    const packet: { readonly type?: number; readonly sessionPresent?: boolean } = JSON.parse(
      record.slice(HANDLE_MESSAGE.length),
    )
    if (packet.type === CONNACK) this.#sessionPresent = packet.sessionPresent === true
  }

  #notConnected(errorCode: number, errorMessage: string): Problem {
    switch (errorCode) {
      case CONNECT_TIMED_OUT:
        return new Problem(
          `No answer to CONNECT within ${ANSWER_MS / 1000} seconds.`,
          'The broker is overloaded or stopped, or something in between holds the bytes back.',
        )
      case CONNECT_REFUSED:
        return new Problem(`The broker refused the connection: ${errorMessage}`, 'Its log says why.')
      default:
        return new Problem(
          `The WebSocket to ${this.#url} did not open, or was closed at once.`,
          'The broker has stopped, or a proxy in between does not pass WebSocket on; the browser console says more.',
        )
    }
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
