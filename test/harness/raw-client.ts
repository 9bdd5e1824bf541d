// A client that sends any bytes and says exactly what must come back, over TCP or WebSocket.

import { AssertionError } from 'node:assert'
import { randomBytes } from 'node:crypto'
import { after } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ProtocolVersion, QoS } from '../../server/protocol/packet.ts'
import { type ReasonName, reasonCodes } from '../../shared/reason-codes.ts'
import { type Arrival, Inbox } from './inbox.ts'
import { matches, wordFields, wordPacket } from './matching.ts'
import {
  bytesOfHex,
  decode,
  encode,
  firstFrame,
  type Outgoing,
  type PacketCmd,
  type Received,
} from './packets.ts'
import { type Ending, openTcp, openWebSocket, type WebSocketOptions, type Wire } from './wire.ts'

export const protocolVersions = [3, 4, 5] as const

/** Where to connect: a TestBroker has these fields. */
export interface Address {
  readonly host: string
  readonly port: number
  readonly websocketUrl: string
}

export interface RawClientOptions {
  readonly transport?: 'tcp' | 'websocket'
  /** 5 unless given. */
  readonly protocolVersion?: ProtocolVersion
  /** Answers PUBLISH of QoS 1 and 2, and PUBREL, as a correct client does; PUBREL is then not seen by the test. */
  readonly autoAck?: boolean
  readonly websocket?: WebSocketOptions
  /** When it is destroyed: at the end of the test that opened it, unless a `before` hook opens it for the file. */
  readonly until?: 'end-of-test' | 'end-of-file'
}

type Fields<C extends PacketCmd> = Omit<Outgoing<C>, 'cmd'>
type Expected<C extends PacketCmd> = { [K in keyof Received<C>]?: unknown }
type Subscription = Exclude<Fields<'subscribe'>['subscriptions'], undefined>[number]
type PublishOutcome = Received<'puback'> | Received<'pubrec'> | Received<'pubcomp'> | undefined

const withinMsDefault = 2000
const closedWithinMsDefault = 3000
const historyMax = 12

const clientsOfFile = new Set<RawClient>()
after(() => {
  for (const client of clientsOfFile) client.destroy()
})

export class RawClient {
  /** Used to encode and decode; `connect({ protocolVersion })` changes it. */
  protocolVersion: ProtocolVersion
  /** The client identifier of the last CONNECT sent through `connect`. */
  clientId = ''
  readonly #wire: Wire
  readonly #inbox: Inbox
  readonly #autoAck: boolean
  readonly #sent: string[] = []
  readonly #received: string[] = []
  #undecoded: Buffer = Buffer.alloc(0)
  #chunks: Buffer[] = []
  #packetId = 0

  private constructor(wire: Wire, inbox: Inbox, options: RawClientOptions) {
    this.#wire = wire
    this.#inbox = inbox
    this.#autoAck = options.autoAck ?? false
    this.protocolVersion = options.protocolVersion ?? 5
  }

  /** Opens the network connection and sends nothing; rejects when a WebSocket handshake is refused. */
  static async open(address: Address, options: RawClientOptions = {}): Promise<RawClient> {
    const inbox = new Inbox()
    const early: Buffer[] = []
    const listener = {
      bytes: (chunk: Buffer): void => {
        early.push(chunk)
      },
      ended: (ending: Ending) => inbox.end(ending),
    }
    const wire =
      options.transport === 'websocket'
        ? await openWebSocket(address.websocketUrl, options.websocket ?? {}, listener)
        : await openTcp(address.port, address.host, listener)
    const client = new RawClient(wire, inbox, options)
    listener.bytes = chunk => client.#onBytes(chunk)
    for (const chunk of early) client.#onBytes(chunk)
    // Inside a running test, node:test's `after` belongs to that test.
    if (options.until === 'end-of-file') clientsOfFile.add(client)
    else after(() => client.destroy())
    return client
  }

  /** `open` and `connect` in one, for a test whose subject comes after CONNACK; rejects when refused. */
  static async connected(
    address: Address,
    fields: Fields<'connect'> = {},
    options: RawClientOptions = {},
  ): Promise<RawClient> {
    const client = await RawClient.open(address, options)
    const connack = await client.connect(fields)
    if ((connack.returnCode ?? connack.reasonCode) !== 0) client.#fail('the broker refused the CONNECT')
    return client
  }

  /** Every byte that arrived, in order. */
  get rawReceived(): Buffer {
    this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0] ?? Buffer.alloc(0)
  }

  /** Packets that arrived and were not yet received or expected. */
  get waiting(): readonly Received[] {
    return this.#inbox.waiting
  }

  /** Undefined while the network connection is open. */
  get ending(): Ending | undefined {
    return this.#inbox.ending
  }

  nextPacketId(): number {
    this.#packetId = (this.#packetId % 65_535) + 1
    return this.#packetId
  }

  /** A packet object (a missing packet identifier is filled in), bytes, or hex digits with spaces allowed. */
  send(packet: Outgoing | Uint8Array | string): void {
    if (typeof packet === 'string') this.#write(bytesOfHex(packet), `<${packet}>`)
    else if (packet instanceof Uint8Array) this.#write(packet, `<${packet.length} bytes>`)
    else this.#write(encode(this.#withPacketId(packet), this.protocolVersion), packet.cmd.toUpperCase())
  }

  /** Over WebSocket, as a text message. */
  sendText(text: string): void {
    this.#sent.push('<text>')
    this.#wire.writeText(text)
  }

  /**
   * Sends the bytes in pieces of these sizes, the rest as the last piece: each its own write over TCP, and its own
   * WebSocket message, or with `continuation` the frames of one WebSocket message.
   */
  async sendFragments(
    bytes: Uint8Array | string,
    sizes: readonly number[],
    as: 'messages' | 'continuation' = 'messages',
  ): Promise<void> {
    let rest = typeof bytes === 'string' ? bytesOfHex(bytes) : Buffer.from(bytes)
    this.#sent.push(`<${rest.length} bytes in fragments>`)
    for (const size of [...sizes, rest.length]) {
      const piece = rest.subarray(0, size)
      rest = rest.subarray(size)
      if (piece.length === 0) break
      if (as === 'messages') this.#wire.write(piece)
      else this.#wire.writeFragment(piece, rest.length === 0 ? 'last' : 'more')
      await nextTurn()
    }
  }

  /** Sends CONNECT (random client identifier, clean, keep alive 60 s unless given) and returns the CONNACK. */
  connect(fields: Fields<'connect'> = {}): Promise<Received<'connack'>> {
    this.sendConnect(fields)
    return this.expect('connack')
  }

  /** As `connect`, without waiting for what comes back. */
  sendConnect(fields: Fields<'connect'> = {}): void {
    this.protocolVersion = fields.protocolVersion ?? this.protocolVersion
    this.clientId = fields.clientId ?? `raw-${randomBytes(6).toString('hex')}`
    this.send({
      cmd: 'connect',
      protocolId: this.protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
      clean: true,
      keepalive: 60,
      ...fields,
      protocolVersion: this.protocolVersion,
      clientId: this.clientId,
    })
  }

  /** The next packet, whatever it is. */
  async receive(withinMs = withinMsDefault): Promise<Received> {
    const arrival = await this.#inbox.take(withinMs)
    if (arrival.at === 'packet') return arrival.packet
    return this.#fail(`expected a packet within ${withinMs} ms`, arrival)
  }

  /** The next packet must have this command and these fields (deep partial equality). */
  async expect<C extends PacketCmd>(
    cmd: C,
    fields: Expected<C> = {},
    withinMs = withinMsDefault,
  ): Promise<Received<C>> {
    const arrival = await this.#inbox.take(withinMs)
    if (arrival.at === 'packet' && arrival.packet.cmd === cmd && matches(arrival.packet, fields)) {
      return arrival.packet as Received<C>
    }
    return this.#fail(
      `expected ${`${cmd.toUpperCase()} ${wordFields(fields)}`.trim()} within ${withinMs} ms`,
      arrival,
    )
  }

  /** The next PUBLISHes, in order; any other packet between them fails. */
  async collect(count: number, withinMs = 5000): Promise<Received<'publish'>[]> {
    const deadline = performance.now() + withinMs
    const publishes: Received<'publish'>[] = []
    while (publishes.length < count) {
      publishes.push(await this.expect('publish', {}, Math.max(0, Math.round(deadline - performance.now()))))
    }
    return publishes
  }

  /** The broker ends the network connection with no packet before it; `after: 'disconnect'` allows a DISCONNECT. */
  async expectClosed(options: { after?: PacketCmd; withinMs?: number } = {}): Promise<Ending> {
    const { after: allowed, withinMs = closedWithinMsDefault } = options
    let arrival = await this.#inbox.take(withinMs)
    if (arrival.at === 'packet' && arrival.packet.cmd === allowed) arrival = await this.#inbox.take(withinMs)
    if (arrival.at === 'ended' && arrival.ending.how !== 'undecodable') return arrival.ending
    return this.#fail(`expected the broker to close the connection within ${withinMs} ms`, arrival)
  }

  /** In 5.0 a DISCONNECT with this reason code, then closed; in 3.x closed at once, as it has no such packet. */
  async expectDisconnect(reason: ReasonName | number, withinMs = closedWithinMsDefault): Promise<Ending> {
    const reasonCode = typeof reason === 'number' ? reason : reasonCodes[reason]
    if (this.protocolVersion === 5) await this.expect('disconnect', { reasonCode }, withinMs)
    return this.expectClosed({ withinMs })
  }

  /** Nothing arrives and the connection stays open; prefer `ping`, which needs no waiting time. */
  async expectSilence(forMs = 150): Promise<void> {
    const arrival = await this.#inbox.take(forMs)
    if (arrival.at !== 'silence') this.#fail(`expected silence for ${forMs} ms`, arrival)
  }

  /** A barrier: the very next packet must be PINGRESP, so nothing else was on its way before it. */
  async ping(withinMs = withinMsDefault): Promise<void> {
    this.send({ cmd: 'pingreq' })
    await this.expect('pingresp', {}, withinMs)
  }

  /**
   * A barrier like `ping` that waits for the store as well: PINGRESP overtakes answers that are not safe yet,
   * UNSUBACK keeps its place among them.
   */
  async settled(withinMs = withinMsDefault): Promise<void> {
    const messageId = this.nextPacketId()
    this.send({ cmd: 'unsubscribe', messageId, unsubscriptions: ['barrier/nobody/subscribed/to'] })
    await this.expect('unsuback', { messageId }, withinMs)
  }

  expectNothingBeforePing(withinMs = withinMsDefault): Promise<void> {
    return this.ping(withinMs)
  }

  /** Waits for its own SUBACK; PUBLISHes that come before it stay for `expect`. */
  subscribe(
    filter: string | Subscription | readonly Subscription[],
    qos: QoS = 0,
    properties?: Fields<'subscribe'>['properties'],
  ): Promise<Received<'suback'>> {
    const one = typeof filter === 'string' ? { topic: filter, qos } : filter
    const messageId = this.nextPacketId()
    this.send({ cmd: 'subscribe', messageId, subscriptions: [one].flat() as Subscription[], properties })
    return this.#acknowledgement('suback', messageId)
  }

  unsubscribe(...unsubscriptions: string[]): Promise<Received<'unsuback'>> {
    const messageId = this.nextPacketId()
    this.send({ cmd: 'unsubscribe', messageId, unsubscriptions })
    return this.#acknowledgement('unsuback', messageId)
  }

  /** The whole handshake; returns PUBACK, PUBCOMP, a PUBREC that refuses, or undefined for QoS 0. */
  async publish(fields: Fields<'publish'>): Promise<PublishOutcome> {
    const qos = fields.qos ?? 0
    if (qos === 0) return void this.send({ cmd: 'publish', ...fields })
    const messageId = fields.messageId ?? this.nextPacketId()
    this.send({ cmd: 'publish', ...fields, messageId })
    if (qos === 1) return this.#acknowledgement('puback', messageId)
    const pubrec = await this.#acknowledgement('pubrec', messageId)
    if ((pubrec.reasonCode ?? 0) >= 0x80) return pubrec
    this.send({ cmd: 'pubrel', messageId })
    return this.#acknowledgement('pubcomp', messageId)
  }

  /** Sends DISCONNECT and ends the connection: the will is discarded unless the reason code says otherwise. */
  async disconnect(fields: Fields<'disconnect'> = {}): Promise<void> {
    this.send({ cmd: 'disconnect', ...fields })
    this.#wire.end()
    const arrival = await this.#inbox.take(closedWithinMsDefault, () => false)
    if (arrival.at !== 'ended') this.#fail('expected the connection to close after DISCONNECT', arrival)
  }

  /** Ends the network connection in order, without DISCONNECT. */
  close(): void {
    this.#wire.end()
  }

  /** Cuts the network connection: a reset over TCP. */
  destroy(): void {
    this.#wire.reset()
  }

  [Symbol.dispose](): void {
    this.destroy()
  }

  /** Stops taking bytes off the socket, as a slow consumer does. */
  pauseReading(): void {
    this.#wire.pause()
  }

  resumeReading(): void {
    this.#wire.resume()
  }

  #write(bytes: Uint8Array, name: string): void {
    this.#sent.push(name)
    this.#wire.write(bytes)
  }

  #withPacketId(packet: Outgoing): Outgoing {
    const needsOne =
      packet.cmd === 'subscribe' ||
      packet.cmd === 'unsubscribe' ||
      (packet.cmd === 'publish' && (packet.qos ?? 0) > 0)
    return needsOne && packet.messageId === undefined ? { ...packet, messageId: this.nextPacketId() } : packet
  }

  #onBytes(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#undecoded = Buffer.concat([this.#undecoded, chunk])
    try {
      for (let frame = firstFrame(this.#undecoded); frame; frame = firstFrame(this.#undecoded)) {
        this.#undecoded = this.#undecoded.subarray(frame.length)
        this.#onPacket(decode(frame, this.protocolVersion))
      }
    } catch (error) {
      const bytes = chunk.subarray(0, 64).toString('hex')
      this.#inbox.end({ how: 'undecodable', detail: `undecodable bytes: ${error}; last chunk <${bytes}>` })
    }
  }

  #onPacket(packet: Received): void {
    this.#received.push(wordPacket(packet))
    if (this.#autoAck && this.#answer(packet) === 'answered-unseen') return
    this.#inbox.add(packet)
  }

  #answer(packet: Received): 'answered-unseen' | 'seen' {
    const { messageId } = packet
    if (packet.cmd === 'publish' && packet.qos > 0) {
      this.send({ cmd: packet.qos === 1 ? 'puback' : 'pubrec', messageId })
    }
    if (packet.cmd !== 'pubrel') return 'seen'
    this.send({ cmd: 'pubcomp', messageId })
    return 'answered-unseen'
  }

  async #acknowledgement<C extends PacketCmd>(cmd: C, messageId: number): Promise<Received<C>> {
    const isWanted = (packet: Received): boolean => packet.cmd === cmd && packet.messageId === messageId
    const arrival = await this.#inbox.take(withinMsDefault, isWanted)
    if (arrival.at === 'packet') return arrival.packet as Received<C>
    return this.#fail(`expected ${cmd.toUpperCase()} for packet identifier ${messageId}`, arrival)
  }

  #fail(expectation: string, arrival?: Arrival): never {
    const recent = (names: readonly string[]): string =>
      names.length === 0 ? 'nothing' : names.slice(-historyMax).join(', ')
    const lines = [
      arrival === undefined ? expectation : `${expectation}, but ${wordArrival(arrival)}`,
      `  connection (${this.clientId || 'no CONNECT'}): ${this.ending?.detail ?? 'open'}`,
      `  sent: ${recent(this.#sent)}`,
      `  received: ${recent(this.#received)}`,
    ]
    throw new AssertionError({ message: lines.join('\n'), stackStartFn: this.#fail })
  }
}

function wordArrival(arrival: Arrival): string {
  if (arrival.at === 'packet') return `got ${wordPacket(arrival.packet)}`
  return arrival.at === 'ended' ? `the connection ended: ${arrival.ending.detail}` : 'nothing arrived'
}
