// One message into the broker: retained if it says so, then to everyone who subscribed.

import { fault } from '../protocol/fault.ts'
import { Message } from '../protocol/message.ts'
import type { Session } from '../session/session.ts'
import { bothSafe, Ticket } from '../store/ticket.ts'
import type { BrokerParts } from './parts.ts'

export interface Published {
  /** Safe when every persistent receiver's queue and the retained message are. */
  readonly ticket: Ticket
  readonly receivers: number
}

const RETAINED_FULL = new Ticket(
  fault('quota-exceeded', 'the broker holds as many retained messages as it may'),
)

/** `publisher` is the session the message came from; undefined for the broker's own. */
export function publish(parts: BrokerParts, message: Message, publisher: Session | undefined): Published {
  if (!message.retain) return parts.router.route(message, publisher)
  if (message.payloadBytes > 0 && !parts.retained.fits(message)) {
    // Kept by nobody, so acknowledged to nobody; at QoS 0 those who are there still get it.
    return message.qos === 0
      ? parts.router.route(message, publisher)
      : { ticket: RETAINED_FULL, receivers: 0 }
  }
  const routed = parts.router.route(message, publisher)
  if (routed.ticket.refusal !== undefined) return routed
  const former = parts.retained.find(message.topic)
  const ticket = bothSafe(routed.ticket, retain(parts, message))
  if (ticket.isPending) ticket.notify({ settled: () => takeBack(parts, message, former, ticket) })
  return { ticket, receivers: routed.receivers }
}

/** A message that the store refused was not retained either, unless another one has taken its place. */
function takeBack(parts: BrokerParts, message: Message, former: Message | undefined, ticket: Ticket): void {
  const now = parts.retained.find(message.topic)
  const isOurs = message.payloadBytes === 0 ? now === undefined : now === message
  if (ticket.refusal === undefined || !isOurs) return
  if (former === undefined) parts.retained.clear(message.topic)
  else parts.retained.set(former)
  parts.durable.retain(message.topic, former)
}

/** For messages whose publisher is not there to be told: what the store does not take is counted as lost. */
export function countIfRefused(parts: BrokerParts, session: Session, message: Message, ticket: Ticket): void {
  if (ticket.refusal !== undefined) parts.pump.lost(session, message, 'store-full')
  else if (ticket.isPending) ticket.notify({ settled: () => countIfRefused(parts, session, message, ticket) })
}

/** An empty payload clears the topic's retained message and is not kept itself [MQTT5-3.3.1-6, MQTT5-3.3.1-7]. */
function retain(parts: BrokerParts, message: Message): Ticket {
  if (message.payloadBytes === 0) {
    parts.retained.clear(message.topic)
    return parts.durable.retain(message.topic, undefined)
  }
  message.own()
  parts.retained.set(message)
  return parts.durable.retain(message.topic, message)
}

/** A message of the broker's own, `$SYS` for one: retained, at QoS 0, refused by nobody. */
export function publishOwn(parts: BrokerParts, topicName: string, payload: string): void {
  const topic = parts.topics.of(topicName)
  if ('fault' in topic) return
  const bytes = Buffer.from(payload)
  const message = new Message({
    topic,
    qos: 0,
    retain: true,
    bytes,
    payloadStart: 0,
    payloadEnd: bytes.length,
    properties: undefined,
    expiresAt: Number.POSITIVE_INFINITY,
    publisher: '',
    receivedAt: parts.clock.now(),
  })
  parts.router.route(message, undefined)
  parts.retained.set(message)
}
