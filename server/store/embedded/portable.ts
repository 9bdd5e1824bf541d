// The lines of an exported store: JSON that people and other programs can read, times in ISO 8601, bytes in base64.
//
//   header, then for each session its line and its messages in order, then retained messages, then the end

export const PORTABLE_FORMAT = 1

export interface HeaderLine {
  readonly kind: 'header'
  readonly format: number
  readonly exportedAt: string
  readonly brokerVersion: string
}

/** An application message. Without `expiresAt` it does not expire. */
export interface PortableMessage {
  readonly topic: string
  readonly qos: number
  readonly retain: boolean
  /** The property block of MQTT 5 as on the wire, without its length. */
  readonly properties?: string | undefined
  readonly payload: string
  readonly publisher: string
  readonly receivedAt: string
  readonly expiresAt?: string | undefined
}

/** How the client was last connected. */
export interface PortableConnection {
  readonly protocolVersion: number
  readonly cleanStart: boolean
  readonly keepAliveSeconds: number
  readonly transport: 'tcp' | 'websocket'
  readonly address: string
  readonly port: number
  readonly origin?: string | undefined
  readonly userAgent?: string | undefined
  readonly path?: string | undefined
}

export interface SessionLine {
  readonly kind: 'session'
  readonly clientId: string
  readonly owner: string
  readonly generation: string
  readonly createdAt: string
  readonly version?: number | undefined
  readonly connection?: PortableConnection | undefined
  readonly expirySeconds: number | 'never'
  readonly expirySource?: 'client' | 'policy' | 'operator' | undefined
  readonly expiryPinned?: boolean | undefined
  readonly disconnectedAt?: string | undefined
  readonly expiresAt?: string | undefined
  readonly subscriptions: readonly {
    readonly topicFilter: string
    readonly qos: number
    readonly noLocal: boolean
    readonly retainAsPublished: boolean
    readonly retainHandling: number
    readonly subscriptionIdentifier?: number | undefined
  }[]
  readonly will?:
    | (PortableMessage & {
        readonly delaySeconds: number
        readonly messageExpirySeconds?: number | undefined
      })
    | undefined
  readonly willDueAt?: string | undefined
  /** QoS 2 messages on their way to the client, by the number of their message line. */
  readonly sending: readonly {
    readonly packetId: number
    readonly message: number
    readonly at: 'published' | 'released'
  }[]
  /** Packet identifiers of QoS 2 messages that the client has not released yet. */
  readonly receiving: readonly number[]
}

/** Waits for the session above it. `qos` and `retain` are the publisher's; `deliver...` what this session gets. */
export interface MessageLine extends PortableMessage {
  readonly kind: 'message'
  /** The same for one message in several sessions, where it stands once for each. */
  readonly number: number
  /** How many sessions wait for it. */
  readonly receivers: number
  readonly deliverQos: number
  readonly deliverRetain: boolean
  readonly subscriptionIdentifiers?: readonly number[] | undefined
  readonly sharedFilter?: string | undefined
}

export interface RetainedLine extends PortableMessage {
  readonly kind: 'retained'
}

/** Without it the file is not whole. */
export interface EndLine {
  readonly kind: 'end'
  readonly sessions: number
  readonly messages: number
  readonly retained: number
}

export type PortableLine = HeaderLine | SessionLine | MessageLine | RetainedLine | EndLine
