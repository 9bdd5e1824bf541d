// A session as one line of JSON in the database, so that a person with the sqlite3 shell can read it.

import type { QoS, RetainHandling } from '../../protocol/packet.ts'
import type { TopicTable } from '../../protocol/topic.ts'
import { decodeBody, encodeBody } from '../records.ts'
import type { SessionRecord, StoredSubscription, StoredWill } from '../store.ts'

/** Subscriptions have a table of their own: one more must not rewrite a thousand. */
export function encodeSession(record: SessionRecord): string {
  const { will, subscriptions: _elsewhere, ...fields } = record
  return JSON.stringify({
    version: 1,
    ...fields,
    // Infinity is not JSON.
    expirySeconds: record.expirySeconds === Number.POSITIVE_INFINITY ? 'never' : record.expirySeconds,
    will: will === undefined ? undefined : encodeWill(will),
  })
}

/** Throws when the text is not what `encodeSession` writes. */
export function decodeSession(
  text: string,
  subscriptions: readonly StoredSubscription[],
  topics: TopicTable,
): SessionRecord {
  const { version, will, ...fields } = JSON.parse(text)
  const { clientId, owner, generation } = fields
  if (version !== 1) throw new Error(`session record version ${version} is not known`)
  if (typeof clientId !== 'string' || typeof owner !== 'string' || typeof generation !== 'string') {
    throw new Error('the session record lacks its client id, owner or generation')
  }
  const decodedWill = will === undefined ? undefined : decodeWill(will, topics)
  const expirySeconds = fields.expirySeconds === 'never' ? Number.POSITIVE_INFINITY : fields.expirySeconds
  return { ...fields, expirySeconds, subscriptions, will: decodedWill }
}

interface WillText {
  readonly body: string
  readonly delaySeconds: number
  readonly messageExpirySeconds: number | undefined
}

function encodeWill(will: StoredWill): WillText {
  const { delaySeconds, messageExpirySeconds } = will
  return { body: encodeBody(will.message).toString('base64'), delaySeconds, messageExpirySeconds }
}

function decodeWill(text: WillText, topics: TopicTable): StoredWill {
  const message = decodeBody(Buffer.from(text.body, 'base64'), topics)
  return { message, delaySeconds: text.delaySeconds, messageExpirySeconds: text.messageExpirySeconds }
}

const NO_LOCAL = 4
const RETAIN_AS_PUBLISHED = 8

/** The options byte of SUBSCRIBE [MQTT5-3.8.3.1]. */
export function optionsOf(subscription: StoredSubscription): number {
  return (
    subscription.qos |
    (subscription.noLocal ? NO_LOCAL : 0) |
    (subscription.retainAsPublished ? RETAIN_AS_PUBLISHED : 0) |
    (subscription.retainHandling << 4)
  )
}

export function subscriptionOf(
  topicFilter: string,
  options: number,
  subscriptionIdentifier: number,
): StoredSubscription {
  return {
    topicFilter,
    qos: (options & 3) as QoS,
    noLocal: (options & NO_LOCAL) !== 0,
    retainAsPublished: (options & RETAIN_AS_PUBLISHED) !== 0,
    retainHandling: ((options >> 4) & 3) as RetainHandling,
    subscriptionIdentifier,
  }
}
