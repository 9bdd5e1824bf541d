// The receiving side of a session: PUBLISH at QoS 1 and 2, and PUBREL.

import { reasonCodes } from '../../shared/reason-codes.ts'
import type { Millis } from '../clock.ts'
import { fault } from '../protocol/fault.ts'
import type { Message } from '../protocol/message.ts'
import type { Acknowledgement, PacketId } from '../protocol/packet.ts'
import { SAFE } from '../store/ticket.ts'
import type { Attachment } from './attachment.ts'
import type { Session } from './session.ts'
import type { Step } from './step.ts'

/** A PUBLISH at QoS 1 or 2 [MQTT5-4.3.2, MQTT5-4.3.3]; the answer waits until the message is safe. */
export function onPublish(
  attachment: Attachment,
  message: Message,
  packetId: PacketId,
  receiveMaximum: number,
): Step {
  const { session } = attachment
  const first = message.qos === 2 ? session.receiving?.get(packetId) : undefined
  // A repeated PUBLISH before PUBREL is the same message [MQTT5-4.3.3-10]: its answer waits for what the first one does.
  if (first !== undefined) return { after: first, send: acknowledgement('pubrec', packetId) }
  if (attachment.receivingNow >= receiveMaximum) {
    return { close: fault('receive-maximum-exceeded', `more than ${receiveMaximum} unacknowledged PUBLISH`) }
  }
  attachment.receivingNow++
  if (message.topic.isReserved) {
    // 3.x cannot be told, and gets the positive answer that [MQTT3-3.3.5-2] allows.
    const type = message.qos === 1 ? 'puback' : 'pubrec'
    return { send: acknowledgement(type, packetId, reasonCodes['not-authorized']) }
  }
  if (message.qos === 1) return { route: message, send: acknowledgement('puback', packetId) }
  session.receiving ??= new Map()
  if (session.receiving.size === 0) attachment.receivingSince = message.receivedAt
  session.receiving.set(packetId, SAFE)
  return { persist: { change: 'keep', packetId }, route: message, send: acknowledgement('pubrec', packetId) }
}

/** PUBREL ends the exchange; an id nobody knows is answered all the same [MQTT5-4.3.3-11, MQTT3-4.3.3-2]. */
export function onPubrel(attachment: Attachment, packetId: PacketId, now: Millis): Step {
  const { receiving } = attachment.session
  const isOldest = receiving?.keys().next().value === packetId
  if (receiving?.delete(packetId) !== true)
    return { send: acknowledgement('pubcomp', packetId, reasonCodes['packet-identifier-not-found']) }
  // When the next one came is not known: its age is told too short, by the age of this one at the most.
  if (isOldest) attachment.receivingSince = now
  return { persist: { change: 'forget', packetId }, send: acknowledgement('pubcomp', packetId) }
}

/** Since when the client owes a PUBREL, on this connection; undefined when it owes none, or is not there. */
export function owesPubrelSince({ receiving, attachment, connectedAt }: Session): Millis | undefined {
  if (attachment === undefined || receiving === undefined || receiving.size === 0) return undefined
  return Math.max(attachment.receivingSince, connectedAt)
}

const NO_PROPERTIES = {}

/** 3.x has no room for the code, and the encoder leaves it out. */
export function acknowledgement(
  type: Acknowledgement['type'],
  packetId: PacketId,
  code: number = reasonCodes.success,
): Acknowledgement {
  return { type, packetId, code, properties: NO_PROPERTIES }
}
