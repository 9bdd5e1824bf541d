// One MQTT client of the load generator: a raw socket, preencoded writes, reads into one shared buffer.
import { createConnection, type Socket } from 'node:net'
import {
  type ConnectOptions,
  disconnectPacket,
  encodeAcknowledgements,
  encodeConnect,
  encodeSubscribe,
  type Qos,
} from './codec.ts'
import { isConnack, PacketWalker } from './packet-walker.ts'
import type { Target, Transport } from './target.ts'
import { encodeFrame, FrameReader, upgradeRequest } from './websocket.ts'

export type ClientOptions = ConnectOptions & {
  target: Target
  transport: Transport
  /** Loopback address to connect from; several of them make room for more connections than one has ports. */
  localAddress?: string
  onPublish?: PublishHandler
  onAcknowledgement?: (packetId: number) => void
}

/** `payloadStart` is the offset of the payload in `bytes`, which are valid during the call only. */
export type PublishHandler = (bytes: Buffer, payloadStart: number) => void

type Reply = { resolve: (body: Buffer) => void; reject: (error: Error) => void }

/** The reads of all sockets land here, one after the other: libuv fills it and calls back in one go. */
const readBuffer = Buffer.allocUnsafe(256 * 1024)

/** Milliseconds to wait for a CONNACK or SUBACK. */
const replyTimeoutMs = 20_000

export class Client {
  readonly #options: ClientOptions
  readonly #socket: Socket
  readonly #walker: PacketWalker
  #receive: (bytes: Buffer, start: number, end: number) => void
  #reply: Reply | null = null
  #acknowledge = new Uint16Array(1024)
  #acknowledgeCount = 0
  #state: 'opening' | 'open' | 'closed' = 'opening'

  /** Resolves when the broker has accepted the connection. */
  static async connect(options: ClientOptions): Promise<Client> {
    const client = new Client(options)
    const { target, transport } = options
    if (transport === 'websocket') {
      const upgraded = client.#waitForReply('the WebSocket upgrade')
      client.#socket.write(upgradeRequest(target.host, target.webSocketPort, target.webSocketPath))
      await upgraded
    }
    const accepted = client.#waitForReply('CONNACK')
    client.send(encodeConnect(options))
    const body = await accepted
    if (body[1] !== 0) throw new Error(`the broker refused the connection with code ${body[1]}`)
    client.#state = 'open'
    return client
  }

  private constructor(options: ClientOptions) {
    this.#options = options
    this.#walker = new PacketWalker({
      publish: (bytes, payloadStart, qos, packetId) => this.#onPublish(bytes, payloadStart, qos, packetId),
      acknowledgement: packetId => options.onAcknowledgement?.(packetId),
      other: (packetType, body) => this.#onOther(packetType, body),
    })
    const feedWalker = (bytes: Buffer, start: number, end: number): void =>
      this.#walker.feed(bytes, start, end)
    this.#receive = options.transport === 'tcp' ? feedWalker : this.#receiveUpgrade
    const { target, transport, localAddress } = options
    this.#socket = createConnection({
      host: target.host,
      port: transport === 'tcp' ? target.tcpPort : target.webSocketPort,
      ...(localAddress === undefined ? {} : { localAddress }),
      noDelay: true,
      onread: { buffer: readBuffer, callback: (length, bytes) => this.#onRead(length, bytes as Buffer) },
    })
    this.#socket.on('error', error => this.#end(error))
    this.#socket.on('close', () => this.#end(new Error('the broker closed the connection')))
  }

  async subscribe(topicFilter: string, qos: Qos): Promise<void> {
    const answered = this.#waitForReply('SUBACK')
    this.send(encodeSubscribe(1, topicFilter, qos))
    const body = await answered
    const grantedQos = body[2] as number
    if (grantedQos !== qos) throw new Error(`the broker granted QoS ${grantedQos} instead of ${qos}`)
  }

  /** Sends MQTT bytes, framed as the transport wants it. */
  send(bytes: Buffer): void {
    this.#socket.write(this.#options.transport === 'tcp' ? bytes : encodeFrame(bytes))
  }

  /** Sends bytes that are framed already. The caller must not change them before the broker has answered. */
  sendFramed(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  /** Takes leave properly; resolves when the socket is closed. */
  async disconnect(): Promise<void> {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    const closed = new Promise<void>(resolve => this.#socket.once('close', () => resolve()))
    this.send(disconnectPacket)
    this.#socket.end()
    await closed
  }

  destroy(): void {
    this.#state = 'closed'
    this.#socket.destroy()
  }

  #onRead(length: number, bytes: Buffer): boolean {
    this.#receive(bytes, 0, length)
    if (this.#acknowledgeCount > 0) {
      this.send(encodeAcknowledgements(this.#acknowledge, this.#acknowledgeCount))
      this.#acknowledgeCount = 0
    }
    return true
  }

  #receiveUpgrade = (bytes: Buffer, start: number, end: number): void => {
    const head = bytes.toString('latin1', start, end)
    const headEnd = head.indexOf('\r\n\r\n')
    if (!head.startsWith('HTTP/1.1 101') || headEnd < 0) {
      this.#reply?.reject(new Error(`the broker refused the upgrade: ${head.slice(0, 80)}`))
      return
    }
    const frames = new FrameReader((payload, from, to) => this.#walker.feed(payload, from, to))
    this.#receive = (payload, from, to) => frames.feed(payload, from, to)
    this.#settle(Buffer.alloc(0))
    if (headEnd + 4 < end - start) this.#receive(bytes, start + headEnd + 4, end)
  }

  #onPublish(bytes: Buffer, payloadStart: number, qos: number, packetId: number): void {
    if (qos === 1) {
      if (this.#acknowledgeCount === this.#acknowledge.length) {
        const larger = new Uint16Array(this.#acknowledge.length * 2)
        larger.set(this.#acknowledge)
        this.#acknowledge = larger
      }
      this.#acknowledge[this.#acknowledgeCount++] = packetId
    }
    this.#options.onPublish?.(bytes, payloadStart)
  }

  #onOther(packetType: number, body: Buffer): void {
    if (isConnack(packetType) || packetType === 9) this.#settle(Buffer.from(body))
  }

  #settle(body: Buffer): void {
    const reply = this.#reply
    this.#reply = null
    reply?.resolve(body)
  }

  #waitForReply(what: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no ${what} within ${replyTimeoutMs} ms`)),
        replyTimeoutMs,
      )
      this.#reply = {
        resolve: body => {
          clearTimeout(timer)
          resolve(body)
        },
        reject: error => {
          clearTimeout(timer)
          reject(error)
        },
      }
    })
  }

  #end(error: Error): void {
    if (this.#state === 'closed') return
    const wasOpen = this.#state === 'open'
    this.#state = 'closed'
    if (this.#reply !== null) this.#reply.reject(error)
    // Thrown out of a socket event: it ends the generator, which reports it as the result of this run.
    else if (wasOpen) throw error
  }
}
