// What the commands about one session read of the API's answers.

import type { SessionSummary } from '../../../../shared/session-summary.ts'

/** Of every act on one session. */
export interface ActAnswer {
  readonly result: string
  readonly sentence: string
  readonly tombstone: { readonly id: string; readonly undoUntil: string } | null
  /** Null where it could not be written down. */
  readonly operation: string | null
  /** Done, but not on the disk yet, and why. */
  readonly notOnDisk: string | null
}

export interface DetailAnswer extends SessionSummary {
  readonly keepAliveSeconds: number | null
  readonly will: {
    readonly topic: string
    readonly qos: number
    readonly retain: boolean
    readonly payloadBytes: number
    readonly delaySeconds: number
  } | null
  readonly limits: { readonly messagesMax: number; readonly bytesMax: number }
  readonly counters: { readonly lost: readonly { readonly reason: string; readonly count: number }[] }
  readonly undo: readonly {
    readonly id: string
    readonly what: 'session' | 'queue'
    readonly messages: number
    readonly undoUntil: string
  }[]
}

export interface MessageAnswer {
  readonly seq: number
  readonly position: number | null
  readonly at: string
  /** Null, as publisher and times, where the body cannot be read any more. */
  readonly topic: string | null
  readonly qos: number
  readonly retain: boolean
  readonly bytes: number
  readonly payloadBytes: number | null
  readonly publisher: string | null
  readonly receivedAt: string | null
  readonly expiresAt: string | null
  readonly packetId: number | null
  readonly dup: boolean
  readonly payload?: PayloadAnswer | null
}

export interface PayloadAnswer {
  readonly bytes: number
  readonly shownBytes: number
  readonly text: string | null
  readonly base64: string
}

/** What is awaited from the client. */
export const lanes = ['puback', 'pubrec', 'pubcomp', 'pubrel'] as const
export type Lane = (typeof lanes)[number]

export interface InflightAnswer {
  readonly connected: boolean
  readonly window: number | null
  readonly lanes: Readonly<Record<Lane, { readonly count: number }>>
  readonly data: readonly InflightRow[]
}

export interface InflightRow {
  readonly lane: Lane
  readonly packetId: number
  readonly topic: string | null
  readonly qos: number
  readonly bytes: number | null
  readonly ageSeconds: number | null
  readonly retries: number | null
  readonly stuck: boolean
}

export interface SubscriptionAnswer {
  readonly topicFilter: string
  readonly qos: number
  readonly noLocal: boolean
  readonly subscriptionIdentifier: number | null
  readonly subscribedAt: string | null
  readonly queuesOffline: { readonly value: boolean; readonly why: string }
}
