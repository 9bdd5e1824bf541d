// One MQTT connection of a torture client: packets out, packets in, and the end of it, once.

import { createConnection, type Socket } from 'node:net'
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet'

export type { IConnectPacket, IPublishPacket, Packet } from 'mqtt-packet'

export interface LinkHandler {
  onPacket(packet: Packet): void
  /** Also when the connection could not be made. */
  onClosed(): void
}

export class Link {
  readonly #socket: Socket
  readonly #protocolVersion: number
  #handler: LinkHandler | undefined

  constructor(port: number, connect: IConnectPacket, handler: LinkHandler) {
    this.#handler = handler
    this.#protocolVersion = connect.protocolVersion ?? 4
    const decoder = parser({ protocolVersion: this.#protocolVersion })
    decoder.on('packet', packet => this.#handler?.onPacket(packet))
    decoder.on('error', error => this.#socket.destroy(error))
    this.#socket = createConnection({ host: '127.0.0.1', port, noDelay: true })
    this.#socket.on('data', bytes => decoder.parse(bytes))
    // A reset is what a killed broker looks like; 'close' follows, and says all that matters.
    this.#socket.on('error', () => this.#socket.destroy())
    this.#socket.on('close', () => this.#close())
    this.send(connect)
  }

  send(packet: Packet): void {
    if (this.#handler === undefined || this.#socket.destroyed) return
    this.#socket.write(generate(packet, { protocolVersion: this.#protocolVersion }))
  }

  /** Breaks off: what has arrived and was not handed over is lost, as with a client that crashes. */
  destroy(): void {
    this.#socket.destroy()
  }

  /** Forgets about it without an end: a later connection of the same client takes over. */
  abandon(): void {
    this.#handler = undefined
  }

  #close(): void {
    const handler = this.#handler
    this.#handler = undefined
    handler?.onClosed()
  }
}

/** CONNECT of a client whose session is to be kept, in 3.1.1 and 5.0 alike. */
export function persistentConnect(clientId: string, protocolVersion: 4 | 5): IConnectPacket {
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion,
    clientId,
    clean: false,
    keepalive: 0,
    ...(protocolVersion === 5 ? { properties: { sessionExpiryInterval: 3600 } } : {}),
  }
}

/** The answer to CONNECT. */
export function isAccepted(packet: Extract<Packet, { cmd: 'connack' }>): boolean {
  return (packet.reasonCode ?? packet.returnCode ?? 0) === 0
}

export function isRefusal(packet: { readonly reasonCode?: number | undefined }): boolean {
  return (packet.reasonCode ?? 0) >= 0x80
}
