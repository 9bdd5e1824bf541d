// A short connection on which one thing is asked after the other; it rejects with Gone when the broker goes.

import { setTimeout as sleep } from 'node:timers/promises'
import { type IConnectPacket, isAccepted, Link, type Packet } from './link.ts'

/** The connection ended before the answer came: nobody knows what the broker has done. */
export class Gone extends Error {}

/** An answer that takes longer does not come: the broker is busy dying, or never got the question. */
const ANSWER_WITHIN_MS = 5_000

type PublishPacket = Extract<Packet, { cmd: 'publish' }>

export class Visit {
  readonly #link: Link
  readonly #published: (packet: PublishPacket) => void
  readonly #waiting: { readonly cmd: Packet['cmd']; readonly resolve: (packet: Packet) => void }[] = []
  readonly #closed = Promise.withResolvers<never>()
  #isClosed = false
  #sessionPresent = false

  private constructor(port: number, connect: IConnectPacket, published: (packet: PublishPacket) => void) {
    this.#published = published
    this.#closed.promise.catch(() => undefined)
    this.#link = new Link(port, connect, {
      onPacket: packet => this.#onPacket(packet),
      onClosed: () => {
        this.#isClosed = true
        this.#closed.reject(new Gone())
      },
    })
  }

  /** Rejects with Gone when the broker refuses, too. */
  static async open(
    port: number,
    connect: IConnectPacket,
    published: (packet: PublishPacket) => void = () => undefined,
  ): Promise<Visit> {
    const visit = new Visit(port, connect, published)
    const connack = await visit.#answer('connack')
    if (connack.cmd !== 'connack' || !isAccepted(connack)) {
      visit.destroy()
      throw new Gone()
    }
    visit.#sessionPresent = connack.sessionPresent
    return visit
  }

  get sessionPresent(): boolean {
    return this.#sessionPresent
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  async subscribe(filter: string, qos: 0 | 1 | 2): Promise<void> {
    this.#link.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filter, qos }] })
    await this.#answer('suback')
  }

  async unsubscribe(filter: string): Promise<void> {
    this.#link.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: [filter] })
    await this.#answer('unsuback')
  }

  async publish(topic: string, payload: string): Promise<void> {
    this.#link.send({ cmd: 'publish', topic, payload, qos: 1, messageId: 1, dup: false, retain: false })
    await this.#answer('puback')
  }

  /** DISCONNECT, and waits until the broker has closed. */
  async leave(): Promise<void> {
    this.#link.send({ cmd: 'disconnect' })
    await Promise.race([this.#closed.promise.catch(() => undefined), sleep(ANSWER_WITHIN_MS)])
    this.destroy()
  }

  destroy(): void {
    this.#link.destroy()
  }

  async #answer(cmd: Packet['cmd']): Promise<Packet> {
    const answer = Promise.withResolvers<Packet>()
    this.#waiting.push({ cmd, resolve: answer.resolve })
    const timer = setTimeout(() => this.#link.destroy(), ANSWER_WITHIN_MS)
    try {
      return await Promise.race([answer.promise, this.#closed.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  #onPacket(packet: Packet): void {
    if (packet.cmd === 'publish') {
      const { messageId = 0 } = packet
      this.#published(packet)
      if (packet.qos === 1) this.#link.send({ cmd: 'puback', messageId })
      if (packet.qos === 2) this.#link.send({ cmd: 'pubrec', messageId })
      return
    }
    if (packet.cmd === 'pubrel') {
      this.#link.send({ cmd: 'pubcomp', messageId: packet.messageId ?? 0 })
      return
    }
    const first = this.#waiting[0]
    if (first?.cmd !== packet.cmd) return
    this.#waiting.shift()
    first.resolve(packet)
  }
}

/** Runs what a crash may interrupt; undefined when it did. */
export async function unlessGone<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Gone) return undefined
    throw error
  }
}
