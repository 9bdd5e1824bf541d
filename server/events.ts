// What happens in the broker, as facts: listeners learn from them and cannot change anything.

import type { Millis } from './clock.ts'

export type DisconnectCause =
  | 'client'
  | 'keep-alive'
  | 'socket'
  | 'taken-over'
  | 'protocol-error'
  | 'packet-too-large'
  | 'slow-consumer'
  | 'not-authorized'
  | 'administrative'
  | 'shutdown'

interface Common {
  readonly at: Millis
  readonly clientId: string
}

/** The session side of what happened; messages are counted (Counters), for an event each would cost too much. */
export type BrokerEvent =
  | (Common & {
      readonly kind: 'connected'
      readonly protocolVersion: number
      readonly sessionPresent: boolean
      readonly cleanStart: boolean
      readonly keepAliveSeconds: number
      readonly transport: string
      readonly address: string
      readonly origin: string | undefined
      readonly userAgent: string | undefined
    })
  | (Common & { readonly kind: 'connect-refused'; readonly reason: string; readonly address: string })
  | (Common & { readonly kind: 'taken-over'; readonly from: string; readonly by: string })
  | (Common & { readonly kind: 'disconnected'; readonly cause: DisconnectCause; readonly detail: string })
  | (Common & { readonly kind: 'subscribed'; readonly topicFilters: readonly string[] })
  | (Common & { readonly kind: 'unsubscribed'; readonly topicFilters: readonly string[] })
  | (Common & { readonly kind: 'session-created'; readonly persistent: boolean })
  | (Common & { readonly kind: 'session-ended'; readonly why: 'disconnected' | 'cleaned' | 'expired' })
  | (Common & { readonly kind: 'will-published'; readonly topic: string })
  | (Common & { readonly kind: 'message-lost'; readonly reason: string; readonly topic: string | undefined })

export type Emit = (event: BrokerEvent) => void

/** Running totals since the start; plain numbers, because they are touched for every message. */
export class Counters {
  bytesReceived = 0
  bytesSent = 0
  /** MQTT packets of any type. */
  packetsReceived = 0
  packetsSent = 0
  /** PUBLISH packets from clients. */
  messagesReceived = 0
  /** PUBLISH packets to clients, repeated ones included. */
  messagesSent = 0
  /** Of the payloads of those PUBLISH packets. */
  payloadBytesReceived = 0
  payloadBytesSent = 0
  /** Messages owed to a session that did not reach it, whatever the reason. */
  messagesDropped = 0
}
