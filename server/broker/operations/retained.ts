// Deletes the retained message of a topic, and puts one back; nobody is sent anything by either.

import { Message, type MessageContent } from '../../protocol/message.ts'
import type { BrokerParts } from '../parts.ts'
import { type Done, done } from './target.ts'

/** Which message was looked at: another one on the same topic is not meant. */
export interface ExpectedRetained {
  readonly receivedAt: number
  readonly size: number
  readonly publisher: string
}

export type RetainedFound =
  | { readonly at: 'found'; readonly message: Message }
  | { readonly at: 'no-message' }
  /** Another one has taken its place. */
  | { readonly at: 'message-changed' }

/** `expected` undefined: whatever is there. */
export function findRetained(
  parts: BrokerParts,
  topicName: string,
  expected: ExpectedRetained | undefined,
): RetainedFound {
  const topic = parts.topics.of(topicName)
  const message = 'fault' in topic ? undefined : parts.retained.find(topic)
  if (message === undefined) return { at: 'no-message' }
  if (expected === undefined) return { at: 'found', message }
  const { receivedAt, size, publisher } = expected
  const isExpected =
    message.receivedAt === receivedAt && message.size === size && message.publisher === publisher
  return isExpected ? { at: 'found', message } : { at: 'message-changed' }
}

export type RetainedDeleted = ({ readonly at: 'deleted' } & Done) | { readonly at: 'message-changed' }

/** As an empty retained PUBLISH would, without its being sent to anybody [MQTT5-3.3.1-6]. */
export async function deleteRetained(parts: BrokerParts, message: Message): Promise<RetainedDeleted> {
  if (parts.retained.find(message.topic) !== message) return { at: 'message-changed' }
  parts.retained.clear(message.topic)
  return { at: 'deleted', ...(await done(parts.durable.retain(message.topic, undefined))) }
}

export type RetainedRestored =
  | ({ readonly at: 'restored' } & Done)
  /** There is another message by now; it stays. */
  | { readonly at: 'topic-taken' }
  | { readonly at: 'no-room' }
  | { readonly at: 'expired' }

export async function restoreRetained(
  parts: BrokerParts,
  topicName: string,
  content: Omit<MessageContent, 'topic' | 'bytes' | 'payloadStart' | 'payloadEnd' | 'retain'>,
  payload: Buffer,
): Promise<RetainedRestored> {
  const topic = parts.topics.of(topicName)
  if ('fault' in topic) return { at: 'no-room' }
  if (parts.retained.find(topic) !== undefined) return { at: 'topic-taken' }
  if (content.expiresAt <= parts.clock.now()) return { at: 'expired' }
  const message = new Message({
    ...content,
    topic,
    retain: true,
    bytes: payload,
    payloadStart: 0,
    payloadEnd: payload.length,
  })
  if (!parts.retained.fits(message)) return { at: 'no-room' }
  parts.retained.set(message)
  return { at: 'restored', ...(await done(parts.durable.retain(topic, message))) }
}
