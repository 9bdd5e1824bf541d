// Findings about what is on its way: which message holds up the rest, and since when.

import { bytesInWords, countInWords, spanInWords } from '../../../../shared/plain-words.ts'
import type { DiagnosisFacts } from './facts.ts'
import { type Finding, iso } from './finding.ts'

export function sendingFindings(facts: DiagnosisFacts): readonly (Finding | undefined)[] {
  return [heldUp(facts), releaseMissing(facts), tooLarge(facts)]
}

/** At most one of the three: they are one trouble, named by what would help most. */
function heldUp(facts: DiagnosisFacts): Finding | undefined {
  const { sending, presence, now, thresholds } = facts
  const { head } = sending
  if (head === undefined) return undefined
  // What was sent on an earlier connection is sent again on this one, and has from then on.
  const sinceMs = now - Math.max(head.sentAt, presence.since)
  const isOld = presence.at === 'online' && sinceMs >= thresholds.unacknowledgedMs
  const cameBack = head.reconnects >= thresholds.reconnects
  if (!isOld && !cameBack) return undefined
  const age = cameBack ? now - head.sentAt : sinceMs
  const over = head.reconnects === 0 ? '' : `, over ${countInWords(head.reconnects, 'reconnect')}`
  const data = {
    sentAt: iso(head.sentAt),
    reconnects: head.reconnects,
    inFlight: sending.inFlight,
    windowMax: sending.windowMax,
  }
  if (head.at === 'released') {
    return {
      code: 'exchange-unfinished',
      severity: 'problem',
      text: `The client has taken a message of QoS 2 and not finished the exchange (PUBCOMP) for ${spanInWords(age)}${over}.`,
      data,
      actions: ['disconnect', 'clean'],
    }
  }
  if (!cameBack && sending.inFlight >= sending.windowMax) {
    return {
      code: 'window-full',
      severity: 'problem',
      text: `It may have ${countInWords(sending.windowMax, 'message')} unacknowledged at a time, and has; the oldest for ${spanInWords(age)}. Nothing more is sent until it acknowledges one.`,
      data,
      actions: ['disconnect', 'clear-queue', 'clean'],
    }
  }
  return {
    code: 'head-unacknowledged',
    severity: 'problem',
    text: `The oldest message sent to it has not been acknowledged for ${spanInWords(age)}${over}.`,
    data,
    actions: ['disconnect', 'remove-message', 'clean'],
  }
}

/** What it sent at QoS 2 is safe; only its packet ids stay taken. */
function releaseMissing({ receiving, presence, now, thresholds }: DiagnosisFacts): Finding | undefined {
  const { count, oldestAt } = receiving
  if (count === 0 || oldestAt === undefined || presence.at !== 'online') return undefined
  if (now - oldestAt < thresholds.unacknowledgedMs) return undefined
  return {
    code: 'release-missing',
    severity: 'warning',
    text: `It has sent ${countInWords(count, 'message')} of QoS 2 and not released ${count === 1 ? 'it' : 'them'} (PUBREL) for ${spanInWords(now - oldestAt)}.`,
    data: { count, oldestAt: iso(oldestAt) },
    actions: ['disconnect'],
  }
}

function tooLarge({ losses, sending }: DiagnosisFacts): Finding | undefined {
  const count = losses.find(one => one.reason === 'too-large')?.count ?? 0
  if (count === 0) return undefined
  const { packetBytesMax } = sending
  const limit =
    packetBytesMax === undefined ? 'the client takes' : `the ${bytesInWords(packetBytesMax)} the client takes`
  return {
    code: 'too-large',
    severity: 'warning',
    text: `${countInWords(count, 'message')} ${count === 1 ? 'was' : 'were'} larger than ${limit} and not sent.`,
    data: { count, packetBytesMax: packetBytesMax ?? null },
    actions: [],
  }
}
