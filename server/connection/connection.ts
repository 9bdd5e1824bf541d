// One connection from accept to close: its states, and what each event does in each of them (docs/SESSION.md).

import { reasonCodes } from '../../shared/reason-codes.ts'
import { after } from '../clock.ts'
import { remoteFacts } from '../events/connection-facts.ts'
import type { DisconnectCause } from '../events.ts'
import { UNSAFE_REPLIES_MAX } from '../limits.ts'
import { connectVersion, decodeConnect } from '../protocol/connect-decoder.ts'
import { decode } from '../protocol/decoder.ts'
import { encode } from '../protocol/encoder.ts'
import { endingOf, type Fault, type FaultName, fault, isFault } from '../protocol/fault.ts'
import { type FrameHandler, FrameReader } from '../protocol/frame-reader.ts'
import { type Auth, type Connect, packetTypes } from '../protocol/packet.ts'
import type { Attachment } from '../session/attachment.ts'
import { Timer } from '../session/timer-wheel.ts'
import type { ByteStream, ByteStreamHandler } from '../transport/byte-stream.ts'
import { refusingConnack, roomOf } from './connect.ts'
import { type Connecting, connectSequence, type Opened } from './connect-sequence.ts'
import type { ConnectionContext } from './context.ts'
import type { OpenConnection } from './dispatch.ts'
import { Gate } from './gate.ts'
import { SilenceWatch, StallWatch } from './watch.ts'
import { Writer } from './writer.ts'

/** Time for the peer to close after we have, before the socket is dropped. */
const LINGER_MS = 1_000

type State =
  | { readonly at: 'awaiting-connect' }
  /** Authenticating and attaching; `auth` is set while an AUTH packet is awaited. */
  | {
      readonly at: 'connecting'
      readonly connect: Connect
      readonly auth: ((packet: Auth) => void) | undefined
    }
  | { readonly at: 'open'; readonly open: OpenConnection; readonly attachment: Attachment }
  | { readonly at: 'closing' }

export class Connection implements FrameHandler, ByteStreamHandler, Connecting {
  readonly context: ConnectionContext
  readonly stream: ByteStream
  readonly writer: Writer
  readonly gate: Gate
  readonly #reader: FrameReader
  readonly #connectTimer: Timer
  readonly #silence: SilenceWatch
  readonly #stall: StallWatch
  #state: State = { at: 'awaiting-connect' }
  #closed: (() => void) | undefined = undefined
  #readingPaused = false

  /** `closed` is called once, when the stream has ended for good. */
  constructor(stream: ByteStream, context: ConnectionContext, closed: () => void) {
    const { broker, clock, settings } = context
    const { wheel, counters } = broker.parts
    this.context = context
    this.stream = stream
    this.#closed = closed
    const watch = { wheel, clock, end: (problem: Fault) => this.end(problem) }
    this.#silence = new SilenceWatch(watch)
    this.writer = new Writer(stream, context.turn, counters, () => this.#stall.waiting())
    this.#stall = new StallWatch(watch, settings.slowConsumerTimeoutMs, () => this.writer.progress())
    this.gate = new Gate((held, ticket) => {
      if (this.#state.at === 'open') this.#state.open.release(held, ticket)
      this.#readOn()
    })
    this.#reader = new FrameReader(this, settings.maxPacketSizeBeforeConnectBytes)
    this.#connectTimer = new Timer(() => this.end(fault('connect-timeout', 'CONNECT did not come in time')))
    wheel.schedule(this.#connectTimer, clock.now() + settings.connectTimeoutMs)
  }

  get hasEnded(): boolean {
    return this.#state.at === 'closing'
  }

  received(chunk: Buffer): void {
    this.context.broker.parts.counters.bytesReceived += chunk.length
    this.#silence.heard(this.context.clock.now())
    this.#reader.push(chunk)
  }

  drained(): void {
    this.writer.drained()
    if (this.#state.at === 'open') this.context.broker.wake(this.#state.attachment, 'drained')
    this.#readOn()
  }

  closed(detail: string, closeCode?: number): void {
    this.#leave({ cause: 'socket', detail, closeCode, will: 'publish' })
    this.#stop()
    this.#closed?.()
    this.#closed = undefined
  }

  frame(firstByte: number, bytes: Buffer, frameStart: number, start: number, end: number): 'go' | 'pause' {
    this.context.broker.parts.counters.packetsReceived++
    const state = this.#state
    switch (state.at) {
      case 'open':
        state.open.frame(firstByte, bytes, frameStart, start, end)
        return this.#mustWait() ? this.#pauseReading() : 'go'
      case 'awaiting-connect':
        this.#onConnect(firstByte, bytes, start, end)
        return this.#pauseReading()
      case 'connecting':
        this.#onAuthOnly(state.connect, state.auth, firstByte, bytes, start, end)
        return this.#pauseReading()
      case 'closing':
        return 'pause'
    }
  }

  frameFault(problem: Fault): void {
    this.end(problem)
  }

  #onConnect(firstByte: number, bytes: Buffer, start: number, end: number): void {
    const frame = { firstByte, bytes, start, end }
    const connect = decodeConnect(frame, this.context.decodeLimits)
    if (isFault(connect)) {
      // Only a client whose version is known can be told in words it understands [MQTT5-3.1.4-1].
      const version = connect.fault === 'unsupported-protocol-version' ? 4 : connectVersion(frame)
      this.#refuse(connect, version)
      return
    }
    this.#state = { at: 'connecting', connect, auth: undefined }
    void this.#connect(connect)
  }

  async #connect(connect: Connect): Promise<void> {
    const refusal = await connectSequence(this, connect)
    if (refusal !== undefined && !this.hasEnded) this.#refuse(refusal, connect.protocolVersion)
  }

  opened(opened: Opened): void {
    const { broker, settings, clock } = this.context
    broker.parts.wheel.cancel(this.#connectTimer)
    this.#reader.packetBytesMax = settings.maxPacketSizeBytes
    this.#state = { at: 'open', open: opened.open, attachment: opened.attachment }
    this.#silence.start(opened.silenceMs, opened.silenceDetail)
    this.#silence.heard(clock.now())
    broker.start(opened.attachment)
    this.#readOn()
  }

  /** Reads one AUTH packet of the exchange before CONNACK; resolves when it is there. */
  nextAuth(): Promise<Auth> {
    return new Promise(resolve => {
      if (this.#state.at !== 'connecting') return
      this.#state = { at: 'connecting', connect: this.#state.connect, auth: resolve }
      this.#readOn()
    })
  }

  #onAuthOnly(
    connect: Connect,
    auth: ((packet: Auth) => void) | undefined,
    firstByte: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    const { protocolVersion } = connect
    const type = firstByte >> 4
    if (type !== packetTypes.auth && type !== packetTypes.disconnect) {
      this.#refuse(fault('protocol-error', 'only AUTH may come before CONNACK'), protocolVersion)
      return
    }
    const packet = decode({ firstByte, bytes, start, end }, protocolVersion, this.context.decodeLimits)
    if (isFault(packet)) this.#refuse(packet, protocolVersion)
    else if (packet.type === 'disconnect') this.#close()
    else if (packet.type !== 'auth' || auth === undefined) {
      this.#refuse(fault('protocol-error', 'AUTH came before it was asked for'), protocolVersion)
    } else {
      this.#state = { at: 'connecting', connect, auth: undefined }
      auth(packet)
    }
  }

  #refuse(refusal: Fault, version: Connect['protocolVersion'] | undefined): void {
    const { address } = this.stream.remote
    const { clock, broker, log } = this.context
    const connect = this.#state.at === 'connecting' ? this.#state.connect : undefined
    broker.parts.emit({
      kind: 'connect-refused',
      at: clock.now(),
      clientId: connect?.clientId ?? '',
      fault: refusal.fault,
      reason: refusal.detail,
      remote: remoteFacts(this.stream.remote),
      protocolVersion: version,
      cleanStart: connect?.cleanStart,
    })
    log.info('connect refused', { address, fault: refusal.fault, detail: refusal.detail })
    const connack = version === undefined ? undefined : refusingConnack(refusal, version)
    if (connack !== undefined && version !== undefined) {
      const room = connect === undefined ? {} : roomOf(connect)
      this.writer.packet(encode(connack, version, room))
    }
    this.#close()
  }

  /** Ends the connection because of a fault of the client's or a decision of ours; the client is told in 5.0. */
  end(problem: Fault): void {
    const state = this.#state
    if (state.at === 'closing') return
    if (state.at !== 'open') {
      // Before CONNACK there is nobody to tell, and a peer that is not a client must learn nothing [MQTT5-3.1.4-1].
      this.context.log.debug('connection ended before CONNACK', {
        address: this.stream.remote.address,
        fault: problem.fault,
        detail: problem.detail,
      })
      this.#close()
      return
    }
    const code = reasonCodes[endingOf(problem.fault).reason]
    const { attachment } = state
    attachment.outlet.send({ type: 'disconnect', code, properties: { reasonString: problem.detail } })
    this.#leave({ cause: causeOf(problem.fault), detail: problem.detail, will: 'publish' })
    this.#close()
  }

  /** Resolves when the stream has ended for good; once it is closing, that takes no longer than the linger. */
  whenClosed(): Promise<void> {
    const closed = this.#closed
    if (closed === undefined) return Promise.resolve()
    return new Promise(resolve => {
      this.#closed = () => {
        closed()
        resolve()
      }
    })
  }

  /** The client has sent DISCONNECT [MQTT5-3.14.4-3, MQTT3-3.14.4-3]. */
  departed(will: 'discard' | 'publish', expirySeconds: number | undefined): void {
    this.#leave({ cause: 'client', detail: 'DISCONNECT', will, expirySeconds })
    this.#close()
  }

  #leave(departure: Parameters<ConnectionContext['broker']['detach']>[1]): void {
    if (this.#state.at !== 'open') return
    const { attachment } = this.#state
    const { session } = attachment
    if (session.attachment === attachment && departure.cause !== 'client') {
      this.context.log.debug('disconnected', {
        clientId: session.clientId,
        cause: departure.cause,
        detail: departure.detail,
      })
    }
    this.#state = { at: 'closing' }
    this.context.broker.detach(attachment, departure)
  }

  #close(): void {
    this.#state = { at: 'closing' }
    this.#stop()
    this.writer.flush()
    this.stream.end()
    // What the peer still sends is thrown away, and its own close must be heard.
    this.stream.resume()
    // A peer that does not read must not keep the socket: what it owes us is only its own FIN.
    after(LINGER_MS, () => this.stream.destroy())
  }

  #stop(): void {
    this.#state = { at: 'closing' }
    this.context.broker.parts.wheel.cancel(this.#connectTimer)
    this.#silence.stop()
    this.#stall.stop()
    this.#reader.end()
    this.gate.clear()
  }

  /** Too many answers wait for the store, or for a client that sends but does not read. */
  #mustWait(): boolean {
    return (
      this.gate.length >= UNSAFE_REPLIES_MAX ||
      this.writer.backlogBytes > this.context.settings.outputBytesMax
    )
  }

  #pauseReading(): 'pause' {
    if (!this.#readingPaused) {
      this.#readingPaused = true
      this.stream.pause()
    }
    return 'pause'
  }

  #readOn(): void {
    if (!this.#readingPaused || this.#state.at === 'closing') return
    if (this.#state.at === 'open' && this.#mustWait()) return
    if (this.#state.at === 'connecting' && this.#state.auth === undefined) return
    this.#readingPaused = false
    this.#reader.resume()
    if (!this.#readingPaused) this.stream.resume()
  }
}

const causes: Partial<Record<FaultName, DisconnectCause>> = {
  'keep-alive-timeout': 'keep-alive',
  'session-taken-over': 'taken-over',
  'packet-too-large': 'packet-too-large',
  'slow-consumer': 'slow-consumer',
  'not-authorized': 'not-authorized',
  'administrative-action': 'operator',
  'server-shutting-down': 'shutdown',
}

function causeOf(name: FaultName): DisconnectCause {
  return causes[name] ?? 'protocol-error'
}
