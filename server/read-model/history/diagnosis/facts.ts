// What a diagnosis is made from: plain facts about one session at one moment, from wherever they are known.

import { defaultStuckRule, type StuckRule } from '../../../../shared/stuck-rule.ts'
import type { Millis } from '../../../clock.ts'

export interface DiagnosisFacts {
  readonly now: Millis
  /** Of its latest connection: 3, 4 or 5; undefined when nobody remembers one. */
  readonly protocolVersion: number | undefined
  readonly presence: Presence
  readonly hold: HoldFacts | undefined
  readonly conflict: ConflictFacts | undefined
  readonly queue: QueueFacts
  readonly sending: SendingFacts
  /** Messages of QoS 2 that the client has sent and not released; the age of the oldest is known while it is connected. */
  readonly receiving: { readonly count: number; readonly oldestAt: Millis | undefined }
  readonly expiry: ExpiryFacts
  readonly subscriptions: readonly { readonly topicFilter: string; readonly qos: number }[]
  /** Whether the policy queues messages of QoS 0 for those who are away. */
  readonly queueQos0: boolean
  /** By reason, since the session was created. */
  readonly losses: readonly { readonly reason: string; readonly count: number }[]
  readonly thresholds: DiagnosisThresholds
}

export type Presence =
  | { readonly at: 'online'; readonly since: Millis }
  | { readonly at: 'offline'; readonly since: Millis; readonly left: Left | undefined }
  | { readonly at: 'never-connected'; readonly since: Millis }

/** How its last connection ended; `by` when an operator ended it. */
export interface Left {
  readonly cause: string
  readonly detail: string
  readonly by: string | undefined
}

export interface HoldFacts {
  readonly until: Millis
  readonly by: string | undefined
  readonly reason: string | undefined
}

export interface ConflictFacts {
  /** Takeovers in the last minute. */
  readonly perMinute: number
  readonly since: Millis
  /** In words, where they come from; two or more. */
  readonly contenders: readonly string[]
}

export interface QueueFacts {
  /** Owed in all: waiting and in flight. */
  readonly messages: number
  readonly bytes: number
  readonly messagesMax: number
  readonly bytesMax: number
  readonly overflow: 'drop-oldest' | 'drop-newest' | 'reject'
  /** Since when it has been full, if it is and somebody saw it. */
  readonly fullSince: Millis | undefined
  readonly fill: FillRate | undefined
}

/** How fast the queue has grown lately. */
export interface FillRate {
  readonly messagesPerHour: number
  readonly bytesPerHour: number
  /** The span it was measured over. */
  readonly overMs: Millis
}

export interface SendingFacts {
  readonly inFlight: number
  /** Messages that may be in flight to it at a time. */
  readonly windowMax: number
  readonly head: HeadFacts | undefined
  /** The largest packet the client takes, if it named one. */
  readonly packetBytesMax: number | undefined
}

/** The oldest message in flight: those of its kind leave in order, so what holds it up holds up the rest. */
export interface HeadFacts {
  /** released: the client has the message (PUBREC), and its PUBCOMP is awaited. */
  readonly at: 'published' | 'released'
  readonly sentAt: Millis
  /** Connections of the client since it was first sent. */
  readonly reconnects: number
}

export interface ExpiryFacts {
  /** Undefined while connected, and when it never expires. */
  readonly at: Millis | undefined
  /** How long it outlives its connection; Infinity: for ever, 0: not at all. */
  readonly seconds: number
  readonly source: 'client' | 'policy' | 'operator'
  readonly pinned: boolean
}

/** From when on something is worth a word; the same numbers as the rule for stuck sessions. */
export interface DiagnosisThresholds {
  /** In flight and unchanged, while connected. */
  readonly unacknowledgedMs: Millis
  /** Without expiry and offline. */
  readonly abandonedMs: Millis
  readonly expiresSoonMs: Millis
  /** A full queue is near when it is full within this. */
  readonly fullSoonMs: Millis
  /** Connections that all failed to get the oldest message acknowledged. */
  readonly reconnects: number
}

const DAY_MS = 86_400_000

/** What counts as stuck in the list of sessions counts as such here. */
export function thresholdsOf(rule: StuckRule): DiagnosisThresholds {
  return {
    unacknowledgedMs: rule.inflightUnmovedMs,
    abandonedMs: rule.offlineWithoutExpiryMs,
    expiresSoonMs: DAY_MS,
    fullSoonMs: DAY_MS,
    reconnects: 3,
  }
}

export const DEFAULT_THRESHOLDS: DiagnosisThresholds = thresholdsOf(defaultStuckRule)
