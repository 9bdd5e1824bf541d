// Wills: when a connection ends without DISCONNECT, after the delay, and never when the client came back in time.

import { type Fault, fault, isFault } from '../protocol/fault.ts'
import { encodeForwardedProperties } from '../protocol/forwarded-properties.ts'
import { Message } from '../protocol/message.ts'
import type { Will } from '../protocol/packet.ts'
import type { Session } from '../session/session.ts'
import type { StoredWill } from '../store/store.ts'
import type { BrokerParts } from './parts.ts'
import { countIfRefused, publish } from './publish.ts'

/** The will of a CONNECT as it is kept with the session [MQTT5-3.1.2-7]. */
export function keepWill(parts: BrokerParts, clientId: string, will: Will): StoredWill | Fault {
  const topic = parts.topics.of(will.topic)
  if (isFault(topic)) return topic
  if (topic.isReserved)
    return fault('not-authorized', 'the will is for $SYS, which only the broker publishes to')
  const payload = Buffer.from(will.payload)
  const message = new Message({
    topic,
    qos: will.qos,
    retain: will.retain,
    bytes: payload,
    payloadStart: 0,
    payloadEnd: payload.length,
    properties: encodeForwardedProperties(will.properties),
    expiresAt: Number.POSITIVE_INFINITY,
    publisher: clientId,
    receivedAt: parts.clock.now(),
  })
  const delay = will.properties.willDelayIntervalSeconds ?? 0
  return {
    message,
    delaySeconds: Math.min(delay, parts.settings.willDelayMaxSeconds),
    messageExpirySeconds: will.properties.messageExpiryIntervalSeconds,
  }
}

/** Publishes the will, once; the session has none from then on [MQTT5-3.1.2-8, MQTT5-3.1.2-10]. */
export function publishWill(parts: BrokerParts, session: Session): void {
  const { will } = session
  if (will === undefined) return
  session.will = undefined
  session.willDueAt = undefined
  const now = parts.clock.now()
  const expirySeconds = will.messageExpirySeconds ?? parts.settings.messageExpiryDefaultSeconds
  const message = new Message({
    ...contentOf(will.message),
    expiresAt: expirySeconds === undefined ? Number.POSITIVE_INFINITY : now + expirySeconds * 1000,
    receivedAt: now,
  })
  countIfRefused(parts, session, message, publish(parts, message, session).ticket)
  session.version++
  parts.touch(session)
  const { clientId, generation } = session
  parts.emit({ kind: 'will-published', at: now, clientId, generation, topic: message.topic.name })
}

/**
 * A will whose delay has passed is owed even if its client is back before the timer has fired, as after a start:
 * the client may come in the same second in which the broker takes up its session [MQTT5-3.1.2-8].
 */
export function publishDueWill(parts: BrokerParts, session: Session): void {
  if (session.willDueAt !== undefined && session.willDueAt <= parts.clock.now()) publishWill(parts, session)
}

function contentOf(message: Message) {
  const { topic, qos, retain, bytes, payloadStart, payloadEnd, properties, publisher } = message
  return { topic, qos, retain, bytes, payloadStart, payloadEnd, properties, publisher }
}
