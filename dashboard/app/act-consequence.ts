// What an act on one session would come to, in sentences with figures: read before anything is done.

import { bytesInWords, countInWords, listInWords, spanInWords } from '../../shared/plain-words.ts'
import type { SessionSummary } from '../../shared/session-summary.ts'
import { type Act, endsWithConnection } from './act-verbs.ts'

const NEVER_QUEUED = 'What is published between now and an undo is not queued for it.'

/** The first sentence says the most important thing. */
export function consequencesOf(act: Act, session: SessionSummary): readonly string[] {
  switch (act.verb) {
    case 'disconnect':
      return disconnected(session)
    case 'hold':
      return ['Until the hold ends, each CONNECT with this client id is refused as "server unavailable".']
    case 'release':
      return ['The client id may connect again at once.']
    case 'set-expiry':
      return [expiryNow(session)]
    case 'clear-queue':
      return [
        `${countInWords(session.queued.count, 'message')} that ${session.queued.count === 1 ? 'waits is' : 'wait are'} dropped.`,
        session.inflight.out > 0
          ? `${countInWords(session.inflight.out, 'message')} in flight, the subscriptions and the session stay.`
          : 'The subscriptions and the session stay.',
        'It can be undone for a while.',
      ]
    case 'expire':
      return [`${dropped(session)}, as at its own expiry.`, ...afterEnd(session)]
    case 'clean':
      return cleaned(session)
    case 'remove-message':
      return [
        `This one message (${bytesInWords(act.message.bytes)}) is dropped and never delivered to ${act.clientId}.`,
        'Other subscribers are not affected. It can be undone for a while.',
      ]
    case 'unsubscribe':
      return [
        'Messages that match it are no longer delivered to this session, nor queued for it.',
        'The client is not told: it still believes that it is subscribed. What waits already stays.',
      ]
  }
}

function disconnected(session: SessionSummary): readonly string[] {
  if (!session.connected) return ['It is not connected.']
  const back = 'A client that reconnects by itself is back within seconds; hold it to keep it out.'
  if (endsWithConnection(session))
    return [
      `Its session ends with the connection: ${dropped(session, 'lower')}, and nothing brings that back.`,
      back,
    ]
  return [`Its connection is closed. Its session stays, with ${holdings(session)}.`, back]
}

function cleaned(session: SessionSummary): readonly string[] {
  if (session.connected && endsWithConnection(session))
    return [
      `Its session ends with the connection, so this is the same as Disconnect: ${dropped(session, 'lower')}, and nothing brings that back.`,
    ]
  const closed = session.connected ? ['It is online: its connection is closed.'] : []
  return [`${dropped(session)}.`, ...closed, ...afterEnd(session)]
}

function afterEnd(session: SessionSummary): readonly string[] {
  return [
    session.connected
      ? 'Its client is told of a new session when it connects again, and has to subscribe anew.'
      : 'Its client finds a new session when it comes back, and has to subscribe anew.',
    `It can be undone for a while. ${NEVER_QUEUED}`,
  ]
}

function dropped(session: SessionSummary, first: 'upper' | 'lower' = 'upper'): string {
  const held = holdings(session)
  if (held === 'nothing in it') return first === 'upper' ? 'Nothing is lost: it is empty' : 'it is empty'
  return `${held} ${held.startsWith('1 ') && !held.includes(' and ') ? 'is' : 'are'} dropped`
}

/** `912 messages (1.2 MiB) and 4 subscriptions`. */
export function holdings(session: SessionSummary): string {
  const messages = session.queued.count + session.inflight.out
  const parts = [
    ...(messages > 0
      ? [`${countInWords(messages, 'message')} (${bytesInWords(session.queued.bytes)})${inFlight(session)}`]
      : []),
    ...(session.subscriptions > 0 ? [countInWords(session.subscriptions, 'subscription')] : []),
  ]
  return parts.length === 0 ? 'nothing in it' : listInWords(parts)
}

function inFlight({ inflight }: SessionSummary): string {
  return inflight.out === 0 ? '' : `, ${inflight.out} of them in flight,`
}

function expiryNow({ expiry, connected }: SessionSummary): string {
  const source = {
    client: 'as its client asked for',
    policy: 'by the policy of the broker',
    operator: 'as an operator set it',
  }
  const pinned = expiry.pinned ? ', pinned' : ''
  if (expiry.intervalSeconds === null) return `Now it never expires, ${source[expiry.source]}${pinned}.`
  const span = spanInWords(expiry.intervalSeconds * 1000)
  if (connected) return `Now it expires ${span} after it disconnects, ${source[expiry.source]}${pinned}.`
  return `Now it expires ${span} after it was last connected, ${source[expiry.source]}${pinned}.`
}
