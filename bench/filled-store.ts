// A data directory with so many sessions and messages, written through the engine's own classes, which takes seconds where clients
// would take minutes.

import { SystemClock } from '../server/clock.ts'
import { Message } from '../server/protocol/message.ts'
import { TopicTable } from '../server/protocol/topic.ts'
import { EmbeddedStore } from '../server/store/embedded/embedded-store.ts'
import { NO_LISTENER } from '../server/store/no-listener.ts'
import type { Receiver, StoredSubscription } from '../server/store/store.ts'

const day = 86_400
const payloadBytes = 200
/** Turns in which nothing waits for the disk let the batches that were staged be written. */
const messagesPerTurn = 2_000
const limits = { messagesMax: 1_000, bytesMax: 16 * 2 ** 20, overflow: 'drop-oldest' } as const

export interface Filling {
  readonly sessions: number
  readonly subscriptions: number
  readonly messages: number
}

export async function fillStore(dataDirectory: string, filling: Filling): Promise<void> {
  const clock = new SystemClock()
  const topics = new TopicTable({ topicBytesMax: 65_535, topicLevelsMax: 128 })
  const fatal = (why: string): void => {
    throw new Error(why)
  }
  const settings = {
    dataDirectory,
    durability: 'os',
    bytesMax: 2 ** 40,
    limits,
    topics,
    clock,
    fatal,
  } as const
  const store = new EmbeddedStore(settings)
  await store.open(NO_LISTENER)
  const receivers: Receiver[] = []
  for (let index = 0; index < filling.sessions; index++) {
    const clientId = clientIdOf(index)
    const now = clock.now()
    const common = {
      owner: '',
      existing: 'resume',
      limits,
      version: 1,
      connection: undefined,
      expirySeconds: 7 * day,
      expirySource: 'policy',
      expiryPinned: false,
      will: undefined,
    } as const
    const { lease, ticket } = await store.attach({ clientId, now, ...common })
    const subscribe = Array.from({ length: filling.subscriptions }, (_, number) =>
      subscription(index, number),
    )
    store.change(lease, { subscribe })
    store.detach(lease, { disconnectedAt: now, expiresAt: now + 7 * day * 1000 })
    receivers.push({ queue: lease.queue, qos: 1, ...nothingSpecial })
    if (index % messagesPerTurn === 0) await ticket.outcome()
  }
  for (let count = 0; count < filling.messages; count++) {
    const index = count % filling.sessions
    const ticket = store.append(message(topics, index, clock.now()), [receivers[index]!], 1)
    if (count % messagesPerTurn === 0) await ticket.outcome()
  }
  await store.close()
}

const nothingSpecial = {
  retainAsPublished: false,
  subscriptionIdentifiers: undefined,
  sharedFilter: undefined,
}

export function clientIdOf(index: number): string {
  return `bench-session-${index}`
}

/** What the session subscribes to. */
export function topicOf(index: number, number: number): string {
  return `bench/session/${index}/${number}`
}

function subscription(index: number, number: number): StoredSubscription {
  const options = {
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
    subscriptionIdentifier: 0,
  } as const
  return { topicFilter: topicOf(index, number), qos: 1, ...options }
}

function message(topics: TopicTable, index: number, now: number): Message {
  const topic = topics.of(topicOf(index, 0))
  if ('fault' in topic) throw new Error(topic.detail)
  const expiresAt = Number.POSITIVE_INFINITY
  const bytes = Buffer.alloc(payloadBytes, index % 256)
  const payload = { bytes, payloadStart: 0, payloadEnd: payloadBytes }
  return new Message({
    topic,
    qos: 1,
    retain: false,
    ...payload,
    properties: undefined,
    expiresAt,
    publisher: 'bench',
    receivedAt: now,
  })
}
