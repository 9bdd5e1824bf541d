// All that is known of a session's connection and of how long it is kept, as names and values.

import { browserAndSystem } from '../../../shared/browser-words.ts'
import { lossInWords } from '../../../shared/loss-words.ts'
import { bytesInWords, capitalized, countInWords, spanInWords } from '../../../shared/plain-words.ts'
import type { SessionDetail } from '../../../shared/session-detail.ts'
import { lifetimeWords, overflowWords, sourceWords, versionWord } from './session-words.ts'

export interface Fact {
  readonly name: string
  readonly value: string
  /** Behind the value: what it means, or where it comes from. */
  readonly note?: string | undefined
  readonly mono?: boolean
}

export interface FactGroup {
  readonly title: string
  readonly facts: readonly Fact[]
}

export function factsOf(detail: SessionDetail): readonly FactGroup[] {
  return [
    { title: detail.connected ? 'Connection' : 'Last connection', facts: connection(detail) },
    { title: 'Session', facts: session(detail) },
    { title: 'Limits', facts: limits(detail) },
    { title: 'Will', facts: will(detail) },
    { title: 'Messages that did not reach it', facts: lost(detail) },
  ].filter(({ facts }) => facts.length > 0)
}

function connection({
  connectedAt,
  lastSeenAt,
  remote,
  protocol,
  clean,
  keepAliveSeconds,
}: SessionDetail): Fact[] {
  const never = remote === null && lastSeenAt === null
  return [
    ...(connectedAt === null ? [] : [{ name: 'Connected', value: time(connectedAt) }]),
    ...(lastSeenAt === null ? [] : [{ name: 'Last seen', value: time(lastSeenAt) }]),
    ...(never ? [{ name: 'Connected', value: 'never, as far as is known' }] : []),
    ...(remote === null
      ? []
      : [
          {
            name: 'From',
            value: addressOf(remote),
            note: remote.transport === 'tcp' ? 'TCP' : 'WebSocket',
            mono: true,
          },
          ...(remote.origin === null
            ? []
            : [{ name: 'Page', value: remote.origin, note: 'Origin', mono: true }]),
          ...(remote.path === null ? [] : [{ name: 'Path', value: remote.path, mono: true }]),
          ...(remote.userAgent === null
            ? []
            : [{ name: 'Browser', value: browserAndSystem(remote.userAgent), note: remote.userAgent }]),
        ]),
    ...(protocol === null ? [] : [{ name: 'Protocol', value: `MQTT ${versionWord(protocol)}` }]),
    ...(clean === null
      ? []
      : [{ name: protocol === 5 ? 'Clean start' : 'Clean session', value: clean ? 'on' : 'off' }]),
    ...(keepAliveSeconds === null ? [] : [keepAlive(keepAliveSeconds)]),
  ]
}

function keepAlive(seconds: number): Fact {
  if (seconds === 0)
    return { name: 'Keep alive', value: 'none', note: 'a client that vanishes is noticed late' }
  return {
    name: 'Keep alive',
    value: `${seconds} s`,
    note: `closed when nothing is heard for ${spanInWords(seconds * 1_500)}`,
  }
}

function session(detail: SessionDetail): Fact[] {
  const { owner, createdAt, generation, version, expiry, hold } = detail
  return [
    { name: 'User', value: owner === '' ? 'none, it is anonymous' : owner, mono: owner !== '' },
    { name: 'Created', value: time(createdAt) },
    {
      name: 'Kept',
      value: lifetimeWords(expiry),
      note: `${sourceWords[expiry.source]}${expiry.pinned ? ', pinned' : ''}`,
    },
    ...(expiry.at === null ? [] : [{ name: 'Expires', value: time(expiry.at) }]),
    ...(hold === null
      ? []
      : [
          {
            name: 'Held',
            value: `until ${time(hold.until)}`,
            note: `by ${hold.by}${hold.reason === null ? '' : `: ${hold.reason}`}`,
          },
        ]),
    { name: 'Version', value: `${generation}.${version}`, note: 'what acts name in If-Match', mono: true },
  ]
}

function limits({ limits, counters }: SessionDetail): Fact[] {
  const { messagesMax, bytesMax, overflow, subscriptionsMax, window } = limits
  return [
    {
      name: 'Queue',
      value: `${countInWords(messagesMax, 'message')} or ${bytesInWords(bytesMax)}`,
      note: `when it is full, ${overflowWords[overflow]}`,
    },
    {
      name: 'In flight',
      value: window === null ? 'as the client asks when it comes' : countInWords(window, 'message'),
      note: window === null ? undefined : `${counters.inflight} now`,
    },
    {
      name: 'Subscriptions',
      value: `${countInWords(subscriptionsMax, 'subscription')}`,
      note: `${counters.subscriptions} now`,
    },
  ]
}

function will({ will }: SessionDetail): Fact[] {
  if (will === null) return [{ name: 'Will', value: 'none' }]
  const { topic, qos, retain, payloadBytes, delaySeconds, messageExpirySeconds, dueAt } = will
  return [
    { name: 'Topic', value: topic, mono: true },
    { name: 'QoS, retain', value: `${qos}, ${retain ? 'yes' : 'no'}` },
    { name: 'Payload', value: bytesInWords(payloadBytes), note: 'nobody sees it before it is published' },
    ...(delaySeconds === 0 ? [] : [{ name: 'Delay', value: spanInWords(delaySeconds * 1000) }]),
    ...(messageExpirySeconds === null
      ? []
      : [{ name: 'Expires', value: `${spanInWords(messageExpirySeconds * 1000)} after it` }]),
    ...(dueAt === null ? [] : [{ name: 'Published', value: time(dueAt) }]),
  ]
}

function lost({ counters }: SessionDetail): Fact[] {
  return counters.lost
    .filter(({ count }) => count > 0)
    .map(({ reason, count, bytes, lastAt }) => ({
      name: capitalized(lossInWords(reason)),
      value: `${countInWords(count, 'message')} (${bytesInWords(bytes)})`,
      note: `the last one ${time(lastAt)}`,
    }))
}

function addressOf({ ip, port }: NonNullable<SessionDetail['remote']>): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

/** In UTC, as in logs. */
function time(at: string): string {
  return `${at.replace('T', ' ').slice(0, 19)} UTC`
}
