// What a script of the Lab is given: clients on a topic of their own, steps to be told, and what only the broker can do.

import type { LabFinding } from '../../../shared/lab-expected.ts'
import type { LabParams, LabQos } from '../../../shared/lab-tests.ts'

export interface LabMessage {
  readonly topic: string
  readonly payload: string
  readonly qos: LabQos
  readonly retain: boolean
}

/** One client, over all its connections. */
export interface LabClient {
  readonly arrived: readonly LabMessage[]
  readonly isConnected: boolean
  readonly acknowledgedCount: number
  /** Resolves to whether the broker remembered the session. */
  connect(session: 'clean' | 'kept'): Promise<boolean>
  /** Resolves to the granted QoS. */
  subscribe(topicFilter: string, qos: LabQos): Promise<number>
  send(message: LabMessage): void
  publish(message: LabMessage): Promise<void>
  arrival(payload: string): Promise<void>
  /** Resolves when it is so, or when for so long nothing has happened to this client. */
  settled(isSo: () => boolean, quietMs: number): Promise<void>
  disconnect(): void
}

export interface Stage {
  readonly params: LabParams
  readonly topic: string
  /** The queue may be so full that another message takes the place of one that waits. */
  readonly isTight: boolean
  readonly subscriber: LabClient
  readonly publisher: LabClient
  /** With the subscriber's client id. */
  readonly second: LabClient
  /** Tells what comes now, and waits where somebody goes step by step. */
  step(title: string): Promise<void>
  /** Through the admin API; resolves to how many sessions it was done to. */
  act(act: 'expire' | 'cut'): Promise<number>
}

/** Resolves to what was observed; rejects with Problem when it did not come to its end. */
export type Script = (stage: Stage) => Promise<readonly LabFinding[]>

/** After this long without anything more nothing more will come: far above any pause of a broker that works. */
export const QUIET_MS = 5_000

/** Not one of those that were published while the subscriber was away. */
export const LIVE = 'live'

/** Long enough for a queue to drain further. */
const DRAINED_MS = 1_000

/** Resolves when nothing comes any more. */
export function untilDrained(client: LabClient): Promise<void> {
  return client.settled(() => false, DRAINED_MS)
}

/** As payloads: `1`, `2`, and so on. */
export function numbered({ topic, params }: Stage): readonly LabMessage[] {
  const { messages, publishQos: qos, retain } = params
  return Array.from({ length: messages }, (_, index) => ({ topic, payload: `${index + 1}`, qos, retain }))
}

/** Those of the messages that have come, in order; what else has come is looked at by itself. */
export function numberedOnly(messages: readonly LabMessage[]): readonly LabMessage[] {
  return messages.filter(({ payload }) => /^\d+$/.test(payload))
}

export function numbersOf(messages: readonly LabMessage[]): readonly number[] {
  return numberedOnly(messages).map(({ payload }) => Number(payload))
}

/**
 * Resolves when the client has everything that the broker had for it: what it publishes to itself comes behind
 * that. At QoS 2, because lower ones overtake messages of QoS 2, which Paho hands over only when they are released.
 */
export async function untilEnd(client: LabClient, topic: string): Promise<void> {
  const own = `${topic}/end`
  const payload = `end ${client.arrived.length}`
  await client.subscribe(own, 2)
  client.send({ topic: own, payload, qos: 2, retain: false })
  await client.arrival(payload)
}

/** At QoS 0 nothing is acknowledged; when this one is, the broker has had all that was sent before it. */
export async function untilTaken(client: LabClient, topic: string): Promise<void> {
  await client.publish({
    topic: `${topic}/taken`,
    payload: `taken ${client.acknowledgedCount}`,
    qos: 1,
    retain: false,
  })
}
