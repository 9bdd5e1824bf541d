// A publisher that does what the specification asks of one across the broker's crashes: it resends until it is answered.

import { type IConnectPacket, isAccepted, isRefusal, Link, type Packet, persistentConnect } from './link.ts'
import type { World } from './world.ts'

export interface Outgoing {
  readonly topic: string
  readonly payload: Buffer
  readonly retain: boolean
  acknowledged(): void
}

export interface PublisherOptions {
  readonly clientId: string
  readonly protocolVersion: 4 | 5
  readonly qos: 1 | 2
  /** Messages without an answer at a time. */
  readonly window: number
  readonly burstMax: number
  /** The next message; undefined when it has nothing to say now. */
  next(): Outgoing | undefined
}

type Sending = { at: 'published' | 'released'; readonly packetId: number; readonly message: Outgoing }

type Place = { at: 'away' } | { at: 'connecting' | 'connected'; link: Link }

const NOT_FOUND = 0x92

export class Publisher {
  readonly #world: World
  readonly #options: PublisherOptions
  /** In the order of their first sending, which is the order of sending again [MQTT5-4.6.0-1]. */
  #sending = new Map<number, Sending>()
  #place: Place = { at: 'away' }
  #hadSession = false
  #lastPacketId = 0
  refused = 0

  constructor(world: World, options: PublisherOptions) {
    this.#world = world
    this.#options = options
  }

  start(): void {
    this.#connect()
    this.#tick()
  }

  get isIdle(): boolean {
    return this.#place.at === 'connected' && this.#sending.size === 0
  }

  #connect(): void {
    if (this.#world.phase === 'over') return
    const { clientId, protocolVersion } = this.#options
    const connect: IConnectPacket = persistentConnect(clientId, protocolVersion)
    const link = new Link(this.#world.port, connect, {
      onPacket: packet => this.#onPacket(link, packet),
      onClosed: () => {
        this.#place = { at: 'away' }
        setTimeout(() => this.#connect(), this.#world.between(20, 80))
      },
    })
    this.#place = { at: 'connecting', link }
  }

  /** Publishes in bursts, and now and then loses its connection. */
  #tick(): void {
    const { phase, random } = this.#world
    if (phase === 'over') {
      if (this.#place.at !== 'away') this.#place.link.destroy()
      return
    }
    setTimeout(() => this.#tick(), this.#world.between(5, 40))
    if (this.#place.at !== 'connected') return
    if (phase === 'running' && random.once(400)) {
      this.#place.link.destroy()
      return
    }
    if (phase === 'running') this.#publish(this.#place.link, random.below(this.#options.burstMax + 1))
  }

  #publish(link: Link, count: number): void {
    for (let left = count; left > 0 && this.#sending.size < this.#options.window; left--) {
      const message = this.#options.next()
      if (message === undefined) return
      const sending: Sending = { at: 'published', packetId: this.#freePacketId(), message }
      this.#sending.set(sending.packetId, sending)
      this.#sendPublish(link, sending, false)
    }
  }

  /** Half of the time the lowest, so that ids are used again at once, as some clients do. */
  #freePacketId(): number {
    let packetId = this.#options.protocolVersion === 5 ? 1 : (this.#lastPacketId % 65_535) + 1
    while (this.#sending.has(packetId)) packetId = (packetId % 65_535) + 1
    this.#lastPacketId = packetId
    return packetId
  }

  #sendPublish(link: Link, { packetId, message }: Sending, dup: boolean): void {
    const { topic, payload, retain } = message
    link.send({ cmd: 'publish', topic, payload, retain, qos: this.#options.qos, dup, messageId: packetId })
  }

  #onPacket(link: Link, packet: Packet): void {
    switch (packet.cmd) {
      case 'connack':
        if (isAccepted(packet)) this.#onConnected(link, packet.sessionPresent)
        else link.destroy()
        return
      case 'puback':
        this.#onPuback(packet.messageId ?? 0, packet)
        return
      case 'pubrec':
        this.#onPubrec(link, packet.messageId ?? 0, packet)
        return
      case 'pubcomp':
        this.#sending.delete(packet.messageId ?? 0)
        return
      case 'disconnect':
        link.destroy()
        return
      default:
        throw new Error(`a publisher was sent ${packet.cmd}`)
    }
  }

  #onConnected(link: Link, sessionPresent: boolean): void {
    this.#place = { at: 'connected', link }
    const before = [...this.#sending.values()]
    if (sessionPresent || !this.#hadSession) {
      for (const sending of before) this.#resend(link, sending)
    } else {
      this.#world.state.sessionsLost++
      // Its own state goes with the broker's [MQTT5-3.2.2-5]; what was not acknowledged is published anew.
      this.#sending = new Map(before.filter(one => one.at === 'published').map(one => [one.packetId, one]))
      for (const sending of this.#sending.values()) this.#sendPublish(link, sending, false)
    }
    this.#hadSession = true
  }

  #resend(link: Link, sending: Sending): void {
    if (sending.at === 'published') this.#sendPublish(link, sending, true)
    else link.send({ cmd: 'pubrel', messageId: sending.packetId })
  }

  #onPuback(packetId: number, packet: { readonly reasonCode?: number | undefined }): void {
    const sending = this.#sending.get(packetId)
    if (sending === undefined) return
    this.#sending.delete(packetId)
    if (isRefusal(packet)) this.refused++
    else sending.message.acknowledged()
  }

  #onPubrec(link: Link, packetId: number, packet: { readonly reasonCode?: number | undefined }): void {
    const sending = this.#sending.get(packetId)
    if (isRefusal(packet)) {
      this.#sending.delete(packetId)
      this.refused++
      return
    }
    if (sending?.at === 'published') {
      sending.at = 'released'
      sending.message.acknowledged()
    }
    const isUnknown = sending === undefined && this.#options.protocolVersion === 5
    link.send({ cmd: 'pubrel', messageId: packetId, ...(isUnknown ? { reasonCode: NOT_FOUND } : {}) })
  }
}
