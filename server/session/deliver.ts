// The sending side of a session: what PUBACK, PUBREC and PUBCOMP do to a message in flight.

import { reasonCodes } from '../../shared/reason-codes.ts'
import { fault } from '../protocol/fault.ts'
import type { PacketId } from '../protocol/packet.ts'
import type { Entry } from '../store/store.ts'
import type { Attachment } from './attachment.ts'
import { acknowledgement } from './receive.ts'
import { NOTHING, type Step } from './step.ts'

const FAILURE = 0x80

/** Ids that are not in flight are let pass: a client may acknowledge into a session that was cleaned. */
export function onPuback(attachment: Attachment, packetId: PacketId): Step {
  const entry = attachment.session.sending?.get(packetId)
  if (entry === undefined) return NOTHING
  if (entry.qos !== 1) return { close: fault('protocol-error', 'PUBACK for a message of QoS 2') }
  return finish(attachment, packetId, entry)
}

export function onPubrec(attachment: Attachment, packetId: PacketId, code: number): Step {
  const entry = attachment.session.sending?.get(packetId)
  if (entry === undefined) return { send: acknowledgement('pubrel', packetId, NOT_FOUND) }
  if (entry.qos !== 2) return { close: fault('protocol-error', 'PUBREC for a message of QoS 1') }
  // A failure ends the exchange without PUBREL [MQTT5-4.4.0-2].
  if (code >= FAILURE) return finish(attachment, packetId, entry)
  if (entry.at === 'released') return { send: acknowledgement('pubrel', packetId) }
  return { persist: { change: 'release', entry }, send: acknowledgement('pubrel', packetId) }
}

export function onPubcomp(attachment: Attachment, packetId: PacketId): Step {
  const entry = attachment.session.sending?.get(packetId)
  if (entry === undefined) return NOTHING
  if (entry.at !== 'released') return { close: fault('protocol-error', 'PUBCOMP before PUBREC') }
  return finish(attachment, packetId, entry)
}

const NOT_FOUND = reasonCodes['packet-identifier-not-found']

function finish(attachment: Attachment, packetId: PacketId, entry: Entry): Step {
  attachment.session.sending?.delete(packetId)
  attachment.returnQuota()
  return { persist: { change: 'finish', entry } }
}
