// CONNECT: the checks in their order, and the CONNACK that tells the client what it got.

import { connectReturnCodes, reasonCodes } from '../../shared/reason-codes.ts'
import type { Identity } from '../access/authenticate.ts'
import type { Settings } from '../config/schema.ts'
import { RECEIVE_MAXIMUM_MAX } from '../limits.ts'
import { type EncodeRoom, encode } from '../protocol/encoder.ts'
import { endingOf, type Fault, fault } from '../protocol/fault.ts'
import type { Connack, ConnackProperties, Connect, ProtocolVersion } from '../protocol/packet.ts'
import { assignedClientIdentifier } from '../random.ts'
import {
  askedExpirySeconds,
  type ExpiryTerms,
  expiryOnWire,
  expiryTerms,
  grantedKeepAliveSeconds,
} from '../session/policy.ts'
import type { ConnectionContext } from './context.ts'
import { authProperties } from './reauthentication.ts'

type Check = (connect: Connect, context: ConnectionContext) => Fault | undefined

/** What can be refused before anybody is asked who the client is. */
const connectChecks: readonly Check[] = [clientIdentifier, authenticationMethod, willSize]

export function refuseConnect(connect: Connect, context: ConnectionContext): Fault | undefined {
  for (const check of connectChecks) {
    const refusal = check(connect, context)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

/** 3.1 has no empty one, 3.1.1 only with Clean Session [MQTT3-3.1.3-8]; in 5.0 we assign it [MQTT5-3.1.3-6]. */
function clientIdentifier(connect: Connect): Fault | undefined {
  if (connect.clientId !== '' || connect.protocolVersion === 5) return undefined
  if (connect.protocolVersion === 4 && connect.cleanStart) return undefined
  return fault('client-identifier-not-valid', 'an empty client identifier cannot have a session')
}

function authenticationMethod(connect: Connect, context: ConnectionContext): Fault | undefined {
  const method = connect.properties.authenticationMethod
  if (method === undefined || context.authenticationMethods.has(method)) return undefined
  return fault('bad-authentication-method', 'the authentication method is not known here')
}

function willSize(connect: Connect, context: ConnectionContext): Fault | undefined {
  const max = context.settings.willBytesMax
  if ((connect.will?.payload.length ?? 0) <= max) return undefined
  return fault('quota-exceeded', `the will message is longer than ${max} bytes`)
}

/** What a 5.0 client has said about the packets it takes. */
export function roomOf(connect: Connect): EncodeRoom {
  const { maximumPacketSizeBytes, requestProblemInformation } = connect.properties
  return { maximumPacketSizeBytes, requestProblemInformation }
}

/** A client that cannot be sent its CONNACK [MQTT5-3.1.2-24] would wait for it for ever. */
export function refuseTooTight(
  accepted: Omit<Accepted, 'sessionPresent' | 'expirySeconds'>,
  settings: Settings,
  existing: ExpiryTerms | undefined,
): Fault | undefined {
  const { connect } = accepted
  if (connect.properties.maximumPacketSizeBytes === undefined) return undefined
  const { expirySeconds } = expiryTerms(connect, settings, connect.cleanStart ? undefined : existing)
  const connack = acceptingConnack({ ...accepted, sessionPresent: false, expirySeconds }, settings)
  if (encode(connack, connect.protocolVersion, roomOf(connect)).length > 0) return undefined
  return fault('packet-too-large', 'CONNACK is larger than the Maximum Packet Size of the client')
}

export function clientIdOf(connect: Connect, now: number): string {
  return connect.clientId === '' ? assignedClientIdentifier(now) : connect.clientId
}

/** Messages that may be on their way: what a 5.0 client asks for, else the setting. */
export function sendQuota(connect: Connect, settings: Settings): number {
  const asked = connect.properties.receiveMaximum
  return asked === undefined ? settings.inflightMax : Math.min(asked, RECEIVE_MAXIMUM_MAX)
}

export interface Accepted {
  readonly connect: Connect
  readonly clientId: string
  readonly sessionPresent: boolean
  readonly expirySeconds: number
  readonly authenticationData: Uint8Array | undefined
  readonly identity: Identity
}

export function acceptingConnack(accepted: Accepted, settings: Settings): Connack {
  const { connect, sessionPresent } = accepted
  const properties = connect.protocolVersion === 5 ? connackProperties(accepted, settings) : {}
  return { type: 'connack', sessionPresent, code: reasonCodes.success, properties }
}

/** Only what differs from what the client asked for or would assume. */
function connackProperties(accepted: Accepted, settings: Settings): ConnackProperties {
  const { connect, clientId, expirySeconds } = accepted
  const keepAlive = grantedKeepAliveSeconds(connect, settings)
  const method = connect.properties.authenticationMethod
  return {
    receiveMaximum: settings.receiveMaximum,
    maximumPacketSizeBytes: settings.maxPacketSizeBytes,
    topicAliasMaximum: settings.topicAliasMax,
    ...(expirySeconds === askedExpirySeconds(connect)
      ? {}
      : { sessionExpiryIntervalSeconds: expiryOnWire(expirySeconds) }),
    ...(connect.clientId === '' ? { assignedClientIdentifier: clientId } : {}),
    ...(keepAlive === connect.keepAliveSeconds ? {} : { serverKeepAliveSeconds: keepAlive }),
    ...(method === undefined ? {} : authProperties(method, accepted.authenticationData)),
  }
}

/** Undefined when the version has no way to say it: the connection is closed without a CONNACK. */
export function refusingConnack(refusal: Fault, protocolVersion: ProtocolVersion): Connack | undefined {
  const ending = endingOf(refusal.fault)
  if (protocolVersion === 5) {
    const properties = { reasonString: refusal.detail }
    return { type: 'connack', sessionPresent: false, code: reasonCodes[ending.reason], properties }
  }
  if (ending.returnCode === undefined) return undefined
  return {
    type: 'connack',
    sessionPresent: false,
    code: connectReturnCodes[ending.returnCode],
    properties: {},
  }
}
