// The shapes of all MQTT control packets but PUBLISH (message.ts), for versions 3.1 (3), 3.1.1 (4) and 5.0 (5).

export type ProtocolVersion = 3 | 4 | 5
export type QoS = 0 | 1 | 2
/** 0 send on subscribe, 1 only for a new subscription, 2 never [MQTT5-3.3.1-9..11]. */
export type RetainHandling = 0 | 1 | 2

declare const brand: unique symbol
/** 1 to 65,535. */
export type PacketId = number & { readonly [brand]: 'PacketId' }

export type UserProperties = readonly (readonly [name: string, value: string])[]

/** First byte's high nibble (5.0 table 2-1). */
export const packetTypes = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const

/** Properties of the will message [MQTT5-3.1.3.2]. */
export interface WillProperties {
  willDelayIntervalSeconds?: number
  payloadFormatIndicator?: 0 | 1
  messageExpiryIntervalSeconds?: number
  contentType?: string
  responseTopic?: string
  correlationData?: Uint8Array
  userProperties?: UserProperties
}

export interface Will {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly properties: WillProperties
}

export interface ConnectProperties {
  sessionExpiryIntervalSeconds?: number
  receiveMaximum?: number
  maximumPacketSizeBytes?: number
  topicAliasMaximum?: number
  requestResponseInformation?: boolean
  requestProblemInformation?: boolean
  userProperties?: UserProperties
  authenticationMethod?: string
  authenticationData?: Uint8Array
}

export interface Connect {
  readonly type: 'connect'
  readonly protocolVersion: ProtocolVersion
  /** Clean Session in 3.x. */
  readonly cleanStart: boolean
  readonly keepAliveSeconds: number
  /** Empty when the client asks the server to assign one. */
  readonly clientId: string
  readonly username: string | undefined
  readonly password: Uint8Array | undefined
  readonly will: Will | undefined
  readonly properties: ConnectProperties
}

export interface ConnackProperties {
  sessionExpiryIntervalSeconds?: number
  receiveMaximum?: number
  maximumQoS?: 0 | 1
  retainAvailable?: boolean
  maximumPacketSizeBytes?: number
  assignedClientIdentifier?: string
  topicAliasMaximum?: number
  reasonString?: string
  userProperties?: UserProperties
  wildcardSubscriptionAvailable?: boolean
  subscriptionIdentifiersAvailable?: boolean
  sharedSubscriptionAvailable?: boolean
  serverKeepAliveSeconds?: number
  responseInformation?: string
  serverReference?: string
  authenticationMethod?: string
  authenticationData?: Uint8Array
}

export interface Connack {
  readonly type: 'connack'
  readonly sessionPresent: boolean
  /** The 3.x return code or the 5.0 reason code, as it stands on the wire. */
  readonly code: number
  readonly properties: ConnackProperties
}

export interface AcknowledgementProperties {
  reasonString?: string
  userProperties?: UserProperties
}

/** PUBACK, PUBREC, PUBREL and PUBCOMP share one form [MQTT5-3.4]; `code` is 0 in 3.x. */
export interface Acknowledgement {
  readonly type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp'
  readonly packetId: PacketId
  readonly code: number
  readonly properties: AcknowledgementProperties
}

export interface SubscriptionRequest {
  readonly topicFilter: string
  readonly qos: QoS
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  readonly retainHandling: RetainHandling
}

export interface Subscribe {
  readonly type: 'subscribe'
  readonly packetId: PacketId
  /** At least one [MQTT5-3.8.3-2]. */
  readonly subscriptions: readonly SubscriptionRequest[]
  /** 1 to 268,435,455; applies to every filter of the packet. */
  readonly subscriptionIdentifier: number | undefined
  readonly userProperties: UserProperties | undefined
}

export interface Suback {
  readonly type: 'suback'
  readonly packetId: PacketId
  /** As on the wire: granted QoS, or 0x80 and above for a refusal. */
  readonly codes: readonly number[]
  readonly properties: AcknowledgementProperties
}

export interface Unsubscribe {
  readonly type: 'unsubscribe'
  readonly packetId: PacketId
  readonly topicFilters: readonly string[]
  readonly userProperties: UserProperties | undefined
}

export interface Unsuback {
  readonly type: 'unsuback'
  readonly packetId: PacketId
  /** One a filter in 5.0; not on the wire in 3.x. */
  readonly codes: readonly number[]
  readonly properties: AcknowledgementProperties
}

export interface Pingreq {
  readonly type: 'pingreq'
}

export interface Pingresp {
  readonly type: 'pingresp'
}

export interface DisconnectProperties {
  sessionExpiryIntervalSeconds?: number
  reasonString?: string
  userProperties?: UserProperties
  serverReference?: string
}

export interface Disconnect {
  readonly type: 'disconnect'
  readonly code: number
  readonly properties: DisconnectProperties
}

export interface AuthProperties {
  authenticationMethod?: string
  authenticationData?: Uint8Array
  reasonString?: string
  userProperties?: UserProperties
}

export interface Auth {
  readonly type: 'auth'
  readonly code: number
  readonly properties: AuthProperties
}

/** What a client may send, PUBLISH aside. */
export type ClientPacket = Connect | Acknowledgement | Subscribe | Unsubscribe | Pingreq | Disconnect | Auth

/** What the server sends, PUBLISH aside. */
export type ServerPacket = Connack | Acknowledgement | Suback | Unsuback | Pingresp | Disconnect | Auth
