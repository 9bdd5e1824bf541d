// From CONNECT to CONNACK: checks, authentication, session, in an order that touches nothing before it is allowed to.

import { reasonCodes } from '../../shared/reason-codes.ts'
import type { Identity } from '../access/authenticate.ts'
import type { AttachResult } from '../broker/attach.ts'
import { ConnectionFacts, remoteFacts } from '../events/connection-facts.ts'
import { encode } from '../protocol/encoder.ts'
import { type Fault, fault, isFault } from '../protocol/fault.ts'
import type { Auth, Connect } from '../protocol/packet.ts'
import type { Attachment } from '../session/attachment.ts'
import { grantedKeepAliveSeconds } from '../session/policy.ts'
import type { ByteStream } from '../transport/byte-stream.ts'
import {
  type Accepted,
  acceptingConnack,
  clientIdOf,
  refuseConnect,
  refuseTooTight,
  roomOf,
  sendQuota,
} from './connect.ts'
import type { ConnectionContext } from './context.ts'
import { OpenConnection } from './dispatch.ts'
import type { Gate } from './gate.ts'
import { Output } from './output.ts'
import { authProperties, Reauthentication } from './reauthentication.ts'
import type { Writer } from './writer.ts'

/** The connection as the sequence sees it. */
export interface Connecting {
  readonly context: ConnectionContext
  readonly stream: ByteStream
  readonly writer: Writer
  readonly gate: Gate
  readonly hasEnded: boolean
  nextAuth(): Promise<Auth>
  end(fault: Fault): void
  whenClosed(): Promise<void>
  /** CONNACK is written. Not called when the connection ended before. */
  opened(opened: Opened): void
  departed(will: 'discard' | 'publish', expirySeconds: number | undefined): void
}

export interface Opened {
  readonly open: OpenConnection
  readonly attachment: Attachment
  /** How long the client may be silent; Infinity for ever. */
  readonly silenceMs: number
  readonly silenceDetail: string
}

interface Authenticated {
  readonly identity: Identity
  readonly data: Uint8Array | undefined
}

/** Resolves when the connection is open, or with why the client is refused; it may have ended meanwhile. */
export async function connectSequence(connection: Connecting, connect: Connect): Promise<Fault | undefined> {
  const { context } = connection
  const refusal = refuseConnect(connect, context)
  if (refusal !== undefined) return refusal
  const authenticated = await authenticate(connection, connect)
  if (isFault(authenticated)) return authenticated
  const { identity, data: authenticationData } = authenticated
  const clientId = clientIdOf(connect, context.clock.now())
  const accepting = { connect, clientId, authenticationData, identity }
  const tooTight = refuseTooTight(accepting, context.settings, context.broker.parts.registry.get(clientId))
  if (tooTight !== undefined) return tooTight
  const output = createOutput(connection, connect)
  const { protocolVersion, cleanStart, keepAliveSeconds } = connect
  return context.broker.attach({
    connect,
    clientId,
    owner: identity.user,
    outlet: output,
    sendQuota: sendQuota(connect, context.settings),
    connection: new ConnectionFacts({
      ...remoteFacts(connection.stream.remote),
      protocolVersion,
      cleanStart,
      keepAliveSeconds,
    }),
    hasEnded: () => connection.hasEnded,
    attached: result => open(connection, accepting, output, result),
  })
}

/** The session is ours: CONNACK goes out before anything else can happen to it. */
function open(
  connection: Connecting,
  accepting: Omit<Accepted, 'sessionPresent' | 'expirySeconds'>,
  output: Output,
  attached: AttachResult,
): void {
  if (connection.hasEnded) return
  const { context } = connection
  const { connect, clientId, identity } = accepting
  const { attachment, sessionPresent } = attached
  const { expirySeconds } = attachment.session
  output.send(acceptingConnack({ ...accepting, sessionPresent, expirySeconds }, context.settings))
  logConnected(connection, connect, clientId, sessionPresent)
  const reauthentication = createReauthentication(connection, connect, identity, output)
  const packets = new OpenConnection({
    context,
    attachment,
    output,
    gate: connection.gate,
    reauthentication,
    end: problem => connection.end(problem),
    departed: (will, expirySeconds) => connection.departed(will, expirySeconds),
  })
  connection.opened({ open: packets, attachment, ...silence(connect, context) })
}

/** By the named method's exchange, or by what stands in CONNECT. */
async function authenticate(connection: Connecting, connect: Connect): Promise<Authenticated | Fault> {
  const { context, stream } = connection
  const method = connect.properties.authenticationMethod
  const begin = method === undefined ? undefined : context.authenticationMethods.get(method)
  if (begin === undefined) {
    const identity = await context.authenticate(connect, stream.remote)
    return isFault(identity) ? identity : { identity, data: undefined }
  }
  const exchange = begin(stream.remote)
  let data = connect.properties.authenticationData
  for (;;) {
    const step = await exchange.next(data)
    if (isFault(step)) return step
    if (step.at === 'done') return { identity: step.identity, data: step.data }
    if (connection.hasEnded) return fault('bad-authentication-method', 'the client went before it was known')
    const code = reasonCodes['continue-authentication']
    const challenge: Auth = { type: 'auth', code, properties: authProperties(method, step.data) }
    const bytes = encode(challenge, connect.protocolVersion, roomOf(connect))
    if (bytes.length === 0) {
      return fault('packet-too-large', 'AUTH is larger than the Maximum Packet Size of the client')
    }
    connection.writer.packet(bytes)
    const answer = await connection.nextAuth()
    if (answer.code !== code || answer.properties.authenticationMethod !== method) {
      return fault('protocol-error', 'AUTH does not continue the exchange that CONNECT began')
    }
    data = answer.properties.authenticationData
  }
}

function createOutput(connection: Connecting, connect: Connect): Output {
  const { context, writer, gate } = connection
  const { topicAliasMaximum } = connect.properties
  return new Output({
    protocolVersion: connect.protocolVersion,
    writer,
    gate,
    room: roomOf(connect),
    topicAliasMaximum: Math.min(topicAliasMaximum ?? 0, context.settings.topicAliasMax),
    outputBytesMax: context.settings.outputBytesMax,
    counters: context.broker.parts.counters,
    now: () => context.clock.now(),
    end: problem => connection.end(problem),
    whenClosed: () => connection.whenClosed(),
  })
}

function createReauthentication(
  connection: Connecting,
  connect: Connect,
  identity: Identity,
  output: Output,
): Reauthentication {
  return new Reauthentication({
    methods: connection.context.authenticationMethods,
    remote: connection.stream.remote,
    method: connect.properties.authenticationMethod,
    identity,
    hasEnded: () => connection.hasEnded,
    send: packet => output.send(packet),
    end: problem => connection.end(problem),
  })
}

function silence(connect: Connect, context: ConnectionContext): Pick<Opened, 'silenceMs' | 'silenceDetail'> {
  const keepAlive = grantedKeepAliveSeconds(connect, context.settings)
  if (keepAlive > 0) {
    const silenceDetail = `nothing was heard for one and a half times the keep alive of ${keepAlive} s`
    return { silenceMs: keepAlive * 1500, silenceDetail }
  }
  const idle = context.settings.idleTimeoutSeconds ?? Number.POSITIVE_INFINITY
  return { silenceMs: idle * 1000, silenceDetail: `nothing was heard for ${idle} s` }
}

function logConnected(
  connection: Connecting,
  connect: Connect,
  clientId: string,
  sessionPresent: boolean,
): void {
  const { transport, address } = connection.stream.remote
  const { protocolVersion, cleanStart } = connect
  const { log } = connection.context
  log.debug('connected', { clientId, protocolVersion, sessionPresent, cleanStart, transport, address })
}
