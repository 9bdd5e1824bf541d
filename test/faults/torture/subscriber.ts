// A subscriber with a session that is kept: it takes each QoS 2 message once, and comes and goes by its habit.

import { isAccepted, Link, type Packet, persistentConnect } from './link.ts'
import type { World } from './world.ts'

/** How long it stays and how long it is away, in milliseconds from to; undefined: it never leaves by itself. */
export interface Habit {
  readonly stays: readonly [number, number] | undefined
  readonly away: readonly [number, number]
  /** Each answer is late by that much. */
  readonly answersAfter: readonly [number, number] | undefined
}

export interface SubscriberOptions {
  readonly clientId: string
  readonly protocolVersion: 4 | 5
  readonly qos: 1 | 2
  readonly filters: readonly string[]
  readonly habit: Habit
  subscribed(filter: string): void
  deliver(topic: string, payload: Buffer): void
}

type Place = { at: 'away' } | { at: 'connecting' | 'connected'; link: Link }

export class Subscriber {
  readonly #world: World
  readonly #options: SubscriberOptions
  /** QoS 2 ids between PUBLISH and PUBREL; they outlive connections, as the session does. */
  readonly #receiving = new Set<number>()
  #place: Place = { at: 'away' }
  #session: 'none' | 'subscribing' | 'subscribed' = 'none'
  #answers: Promise<void> = Promise.resolve()
  /** The SUBSCRIBE has been answered, or broker and client agree to need none. */
  #isServed = false

  constructor(world: World, options: SubscriberOptions) {
    this.#world = world
    this.#options = options
  }

  start(): void {
    this.#connect()
  }

  get isThere(): boolean {
    return this.#place.at === 'connected' && this.#isServed
  }

  #connect(): void {
    if (this.#world.phase === 'over') return
    this.#isServed = false
    const { clientId, protocolVersion } = this.#options
    const link: Link = new Link(this.#world.port, persistentConnect(clientId, protocolVersion), {
      onPacket: packet => this.#onPacket(link, packet),
      onClosed: () => this.#comeBack(link, 20, 80),
    })
    this.#place = { at: 'connecting', link }
  }

  #comeBack(link: Link, from: number, to: number): void {
    if (this.#place.at === 'away' || this.#place.link !== link) return
    this.#place = { at: 'away' }
    const isNeeded = this.#world.phase === 'draining'
    setTimeout(() => this.#connect(), isNeeded ? this.#world.between(20, 80) : this.#world.between(from, to))
  }

  /** Breaks off, says goodbye, or leaves a connection behind that the next one takes over. */
  #leave(link: Link): void {
    if (this.#place.at === 'away' || this.#place.link !== link || this.#world.phase === 'draining') return
    const [from, to] = this.#options.habit.away
    const how = this.#world.random.below(10)
    if (how < 2) {
      link.abandon()
      this.#connect()
      setTimeout(() => link.destroy(), 2_000)
      return
    }
    if (how < 5) link.send({ cmd: 'disconnect' })
    this.#comeBack(link, from, to)
    link.abandon()
    if (how < 5) setTimeout(() => link.destroy(), 50)
    else link.destroy()
  }

  end(): void {
    if (this.#place.at !== 'away') this.#place.link.destroy()
  }

  #onPacket(link: Link, packet: Packet): void {
    switch (packet.cmd) {
      case 'connack':
        if (isAccepted(packet)) this.#onConnected(link, packet.sessionPresent)
        else link.destroy()
        return
      case 'suback':
        this.#session = 'subscribed'
        this.#isServed = true
        for (const filter of this.#options.filters) this.#options.subscribed(filter)
        return
      case 'publish':
        this.#onPublish(link, packet)
        return
      case 'pubrel': {
        const messageId = packet.messageId ?? 0
        this.#receiving.delete(messageId)
        this.#answer(link, { cmd: 'pubcomp', messageId })
        return
      }
      case 'disconnect':
        link.destroy()
        return
      default:
        throw new Error(`a subscriber was sent ${packet.cmd}`)
    }
  }

  #onConnected(link: Link, sessionPresent: boolean): void {
    this.#place = { at: 'connected', link }
    const { stays } = this.#options.habit
    if (stays !== undefined) setTimeout(() => this.#leave(link), this.#world.between(...stays))
    if (sessionPresent && this.#session === 'subscribed') {
      this.#isServed = true
      return
    }
    if (!sessionPresent) {
      if (this.#session === 'subscribed') this.#world.state.sessionsLost++
      this.#receiving.clear()
    }
    this.#session = 'subscribing'
    const { qos, filters } = this.#options
    link.send({ cmd: 'subscribe', messageId: 1, subscriptions: filters.map(topic => ({ topic, qos })) })
  }

  #onPublish(link: Link, packet: Extract<Packet, { cmd: 'publish' }>): void {
    const { messageId = 0, topic } = packet
    const payload = Buffer.from(packet.payload)
    if (packet.qos !== 2) {
      this.#options.deliver(topic, payload)
      if (packet.qos === 1) this.#answer(link, { cmd: 'puback', messageId })
      return
    }
    if (!this.#receiving.has(messageId)) {
      this.#receiving.add(messageId)
      this.#options.deliver(topic, payload)
    }
    this.#answer(link, { cmd: 'pubrec', messageId })
  }

  /** Answers keep the order of what they answer [MQTT5-4.6.0-2]. */
  #answer(link: Link, packet: Packet): void {
    const { answersAfter } = this.#options.habit
    if (answersAfter === undefined || this.#world.phase === 'draining') {
      link.send(packet)
      return
    }
    this.#answers = this.#answers.then(async () => {
      await this.#world.pause(...answersAfter)
      link.send(packet)
    })
  }
}
