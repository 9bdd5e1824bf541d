// Messages for the contract suite: short payloads that name themselves, and sizes that are easy to add up.

import { Message } from '../../../server/protocol/message.ts'
import type { QoS } from '../../../server/protocol/packet.ts'
import { TopicTable } from '../../../server/protocol/topic.ts'
import { NEVER, START } from './subject.ts'

const topics = new TopicTable({ topicBytesMax: 65_535, topicLevelsMax: 64 })

export interface MessageFields {
  readonly topicName?: string
  readonly qos?: QoS
  readonly retain?: boolean
  readonly expiresAt?: number
  readonly properties?: Buffer
  readonly publisher?: string
}

export function topicOf(name: string) {
  const topic = topics.of(name)
  if ('fault' in topic) throw new Error(topic.detail)
  return topic
}

/** Counts one byte for its topic and one for each character of the payload. */
export function message(payload: string, fields: MessageFields = {}): Message {
  const bytes = Buffer.from(payload)
  const made = new Message({
    topic: topicOf(fields.topicName ?? 't'),
    qos: fields.qos ?? 1,
    retain: fields.retain ?? false,
    bytes,
    payloadStart: 0,
    payloadEnd: bytes.length,
    properties: fields.properties,
    expiresAt: fields.expiresAt ?? NEVER,
    publisher: fields.publisher ?? 'publisher',
    receivedAt: START,
  })
  made.own()
  return made
}

/** A message that counts for `size` bytes and whose payload begins with `name`. */
export function sized(name: string, size: number): Message {
  return message(name.padEnd(size - 1, '.'))
}

export function messages(...payloads: readonly string[]): Message[] {
  return payloads.map(payload => message(payload))
}
