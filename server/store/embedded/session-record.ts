// A session as one line of JSON in the database, so that a person with the sqlite3 shell can read it.

import { ConnectionFacts } from '../../events/connection-facts.ts'
import type { QoS, RetainHandling } from '../../protocol/packet.ts'
import type { TopicTable } from '../../protocol/topic.ts'
import { DamagedRecord, decodeBody, encodeBody } from '../records.ts'
import type { SessionRecord, StoredSubscription, StoredWill } from '../store.ts'
import { versionAhead } from '../version-ahead.ts'
import { seal, sealDamage } from './sealed-line.ts'

const SESSION_VERSION = 1

/** Subscriptions have a table of their own: one more must not rewrite a thousand. */
export function encodeSession(record: SessionRecord, epoch: number): string {
  const { clientId, version, will, subscriptions: _elsewhere, ...fields } = record
  return seal(SESSION_VERSION, {
    clientId,
    epoch,
    changes: versionAhead(version),
    ...fields,
    // Infinity is not JSON.
    expirySeconds: record.expirySeconds === Number.POSITIVE_INFINITY ? 'never' : record.expirySeconds,
    will: will === undefined ? undefined : encodeWill(will),
  })
}

/** Why this is not the record of that client's session, or undefined; much cheaper than to decode it. */
export function sessionDamage(text: string, clientId: string): string | undefined {
  const start = `{"version":${SESSION_VERSION},"clientId":${JSON.stringify(clientId)},`
  return (
    sealDamage(text, SESSION_VERSION) ??
    (text.startsWith(start) ? undefined : 'it belongs to another client identifier')
  )
}

/** Throws DamagedRecord. The client identifier is that of the row, which the caller holds anyway. */
export function decodeSession(
  clientId: string,
  text: string,
  subscriptions: readonly StoredSubscription[],
  topics: TopicTable,
): { readonly record: SessionRecord; readonly epoch: number } {
  const damage = sealDamage(text, SESSION_VERSION)
  if (damage !== undefined) throw new DamagedRecord(damage)
  const { epoch, changes, will, connection, ...fields } = JSON.parse(text)
  // Field by field: thousands of sessions share the shape that makes a record small.
  const record = {
    clientId,
    owner: fields.owner,
    generation: fields.generation,
    createdAt: fields.createdAt,
    version: changes ?? 1,
    connection: connection === undefined ? undefined : new ConnectionFacts(connection),
    expirySeconds: fields.expirySeconds === 'never' ? Number.POSITIVE_INFINITY : fields.expirySeconds,
    // For records of a broker that did not keep them yet.
    expirySource: fields.expirySource ?? 'client',
    expiryPinned: fields.expiryPinned ?? false,
    disconnectedAt: fields.disconnectedAt,
    expiresAt: fields.expiresAt,
    subscriptions,
    will: will === undefined ? undefined : decodeWill(will, topics),
    willDueAt: fields.willDueAt,
  }
  return { record, epoch: epoch ?? 0 }
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
