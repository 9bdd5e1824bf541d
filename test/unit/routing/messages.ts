// Messages and a clock for tests of what lies behind the protocol.

import type { Clock } from '../../../server/clock.ts'
import { isFault } from '../../../server/protocol/fault.ts'
import { Message } from '../../../server/protocol/message.ts'
import type { QoS } from '../../../server/protocol/packet.ts'
import { type Topic, TopicTable } from '../../../server/protocol/topic.ts'

const topics = new TopicTable({ topicBytesMax: 4096, topicLevelsMax: 64 })

export function topicOf(name: string): Topic {
  const topic = topics.of(name)
  if (isFault(topic)) throw new Error(`${name} is no topic name: ${topic.detail}`)
  return topic
}

export interface MessageFields {
  readonly payload?: string
  readonly qos?: QoS
  readonly retain?: boolean
  readonly expiresAt?: number
  readonly publisher?: string
  readonly receivedAt?: number
}

export function messageOn(topicName: string, fields: MessageFields = {}): Message {
  const bytes = Buffer.from(fields.payload ?? 'payload')
  return new Message({
    topic: topicOf(topicName),
    qos: fields.qos ?? 0,
    retain: fields.retain ?? true,
    bytes,
    payloadStart: 0,
    payloadEnd: bytes.length,
    properties: undefined,
    expiresAt: fields.expiresAt ?? Number.POSITIVE_INFINITY,
    publisher: fields.publisher ?? 'publisher',
    receivedAt: fields.receivedAt ?? 0,
  })
}

/** Stands still until a test moves it. */
export class FakeClock implements Clock {
  ms: number

  constructor(ms = 1_700_000_000_000) {
    this.ms = ms
  }

  now(): number {
    return this.ms
  }
}
