// Random sessions and filters that have something to do with each other, so that filters find some of them.

import type { SessionFacts } from '../../../../server/read-model/session-facts.ts'
import { type FilterKey, factsOf, filterKeyNames } from '../../../../shared/filter-keys.ts'
import { escapeGlob } from '../../../../shared/filter-values.ts'
import type { SeededRandom } from '../../../fuzz/seeded-random.ts'
import { connectionFacts, DAY, HOUR, limits, MINUTE, NOON, SECOND } from './table-scene.ts'

const families = ['web-kiosk-', 'web-', 'sensor/a/', 'paho', 'x*y?', 'ü ', '', 'a,b"']
const owners = ['', 'ana', 'bo']
const origins = ['', 'https://app.example', 'https://app.example:8443', 'http://x']
const agents = ['', 'Chrome 129', 'Firefox *']
const addresses = ['10.2.3.4', '10.9.0.1', '192.168.0.7', '2001:db8::1', '::ffff:10.2.3.4']
const topicFilters = ['orders/+/status', 'orders/#', '$share/g/orders/1', 'a', '#', '+/1/status']
const topics = ['orders/1/status', 'orders/1', 'a', 'b', '$SYS/a']
/** So that comparisons meet their bounds exactly now and then. */
const spans = [0, SECOND, MINUTE, 15 * MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY, 31 * DAY]

export function randomClientId(random: SeededRandom): string {
  return `${random.pick(families)}${random.below(60)}`
}

export function randomFacts(random: SeededRandom, now = NOON): Partial<SessionFacts> {
  const connected = random.once(3)
  const queued = random.once(2) ? 0 : random.pick([1, 10, 500, 899, 900, 1_000])
  const inFlight = random.once(3) ? random.pick([1, 20]) : 0
  const never = random.once(4)
  const leavesAt = now + random.pick([-1, 1]) * random.pick(spans)
  return {
    owner: random.pick(owners),
    version: random.below(1_000),
    createdAt: now - random.pick(spans),
    connected,
    since: now - random.pick(spans),
    connection: random.once(5) ? undefined : randomConnection(random),
    expirySeconds: never ? Number.POSITIVE_INFINITY : 3_600,
    expirySource: random.pick(['client', 'policy', 'operator']),
    expiryPinned: random.once(4),
    expiresAt: connected || never ? Number.POSITIVE_INFINITY : leavesAt,
    subscriptions: random.list(3, () => ({ topicFilter: random.pick(topicFilters) })),
    limits: random.once(4) ? { ...limits, messagesMax: 100 } : limits,
    queued,
    messages: queued + inFlight,
    bytes: random.pick([0, 1, 1_024, 1_000_000, 1_048_576]),
    outLimit: connected ? 20 : 0,
    oldestInFlightAt: inFlight === 0 ? Number.POSITIVE_INFINITY : now - random.pick(spans),
    receiving: random.below(3),
    dropped: random.pick([0, 0, 7]),
    hold: random.once(6) ? { until: now + HOUR, by: 'ana', reason: undefined } : undefined,
  }
}

function randomConnection(random: SeededRandom) {
  return connectionFacts({
    protocolVersion: random.pick([3, 4, 5]),
    cleanStart: random.once(3),
    transport: random.pick(['tcp', 'websocket']),
    address: random.pick(addresses),
    origin: random.pick(origins) || undefined,
    userAgent: random.pick(agents) || undefined,
    path: random.once(2) ? undefined : '/mqtt',
  })
}

export function randomFilterText(random: SeededRandom): string {
  return random.list(3, () => randomTerm(random)).join(' ')
}

function randomTerm(random: SeededRandom): string {
  const key = random.pick(filterKeyNames)
  const { kind } = factsOf(key)
  const isSpan = kind === 'age' || kind === 'until'
  const isNumber = kind === 'count' || kind === 'bytes' || kind === 'percent' || isSpan
  const operator = isNumber ? random.pick(isSpan ? ['<', '<=', '>', '>='] : [':', '<', '<=', '>', '>=']) : ':'
  const values = random.list(operator === ':' ? 3 : 1, () => randomValue(random, key), 1)
  const sign = random.once(4) ? '-' : ''
  return key === 'expires' && random.once(3)
    ? `${sign}expires:never`
    : `${sign}${key}${operator}${values.join(',')}`
}

function randomValue(random: SeededRandom, key: FilterKey): string {
  const { kind, words = [] } = factsOf(key)
  switch (kind) {
    case 'word':
      return random.pick([...words, '""'])
    case 'count':
      return `${random.pick([0, 1, 2, 7, 10, 20, 500, 900])}`
    case 'bytes':
      return random.pick(['0', '1B', '1KiB', '1MiB', '1000000'])
    case 'percent':
      return random.pick(['0%', '1%', '50%', '90%', '100%'])
    case 'age':
    case 'until':
      return random.pick(['0s', '1s', '1m', '15m', '1h', '1d', '1w', '30d'])
    case 'address':
      return random.pick(['10.0.0.0/8', '10.2.3.4', '2001:db8::/32', '0.0.0.0/0', '""'])
    case 'topic':
      return random.pick(topics)
    case 'text':
      return random.once(5) ? '""' : quoted(randomGlob(random, key))
  }
}

function randomGlob(random: SeededRandom, key: FilterKey): string {
  const text = exampleOf(random, key)
  const cut = random.below(text.length + 1)
  const end = cut + random.below(text.length - cut + 1)
  return random.pick([
    escapeGlob(text),
    `${escapeGlob(text.slice(0, cut))}*`,
    `*${escapeGlob(text.slice(cut))}`,
    `*${escapeGlob(text.slice(cut, end))}*`,
    `${escapeGlob(text.slice(0, cut))}*${escapeGlob(text.slice(end))}`,
    `*${escapeGlob(text.slice(cut, end))}?*`,
    text === '' ? '*' : `${escapeGlob(text.slice(0, -1))}?`,
  ])
}

function exampleOf(random: SeededRandom, key: FilterKey): string {
  switch (key) {
    case 'owner':
      return random.pick(owners)
    case 'origin':
      return random.pick(origins)
    case 'agent':
      return random.pick(agents)
    case 'path':
      return '/mqtt'
    case 'sub':
      return random.pick(topicFilters)
    case 'prefix':
      return random.pick(['web-kiosk', 'web', 'sensor/a', 'paho'])
    default:
      return randomClientId(random)
  }
}

function quoted(glob: string): string {
  return `"${glob.replaceAll('"', '\\"')}"`
}
