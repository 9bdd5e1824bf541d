// One thing that a plan would act on, as it was when the plan was made; and the line that it is kept and digested as.

import type { BlockedReason, PlanItem } from '../../../shared/plan.ts'
import type { Millis } from '../../clock.ts'

export interface Member {
  /** The client identifier; the topic of a retained message. */
  readonly key: string
  /** Of the session; empty where there is none. */
  readonly generation: string
  readonly connected: boolean
  /** When its connection began, or the last one ended; when a retained message was published. 0: never. */
  readonly since: Millis
  /** What would be lost with it. */
  readonly messages: number
  readonly bytes: number
  readonly subscriptions: number
  /** It would publish a will. */
  readonly will: boolean
  readonly blocked: BlockedReason | undefined
  /** What the act needs to know besides; empty for most (docs/PLANS.md says what it is where). */
  readonly particulars: string
}

type Line = readonly [
  key: string,
  generation: string,
  connected: 0 | 1,
  since: number,
  messages: number,
  bytes: number,
  subscriptions: number,
  will: 0 | 1,
  blocked: BlockedReason | null,
  particulars: string,
]

/** The same text for the same member, whatever else is there: digests depend on it. */
export function lineOf(member: Member): string {
  const { key, generation, connected, since, messages, bytes, subscriptions, will, blocked } = member
  const line: Line = [
    key,
    generation,
    connected ? 1 : 0,
    since,
    messages,
    bytes,
    subscriptions,
    will ? 1 : 0,
    blocked ?? null,
    member.particulars,
  ]
  return JSON.stringify(line)
}

/** Of what `lineOf` made. */
export function memberOf(line: string): Member {
  const [key, generation, connected, since, messages, bytes, subscriptions, will, blocked, particulars] =
    JSON.parse(line) as Line
  return {
    key,
    generation,
    connected: connected === 1,
    since,
    messages,
    bytes,
    subscriptions,
    will: will === 1,
    blocked: blocked ?? undefined,
    particulars,
  }
}

/** What keys are: of a plan's action. */
export type KeyKind = 'client' | 'topic'

export function itemOf(member: Member, number: number, kind: KeyKind): PlanItem {
  const { key, generation, connected, since, messages, bytes, subscriptions, will, blocked } = member
  return {
    number,
    clientId: kind === 'client' ? key : null,
    topic: kind === 'topic' ? key : null,
    generation: generation === '' ? null : generation,
    connected,
    since: since === 0 ? null : new Date(since).toISOString(),
    messages,
    bytes,
    subscriptions,
    will,
    blocked: blocked ?? null,
  }
}
