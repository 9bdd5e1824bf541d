// The fleet as it was left: sessions that have been away for minutes, days or a month, as lines that a store can import.

import type { MessageLine, PortableLine, SessionLine } from '../../server/store/embedded/portable.ts'
import { Random } from './random.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WEEK_SECONDS = 7 * 86_400

const browsers = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0',
]

interface Kind {
  readonly clientId: string
  readonly filters: readonly (readonly [topicFilter: string, qos: 0 | 1 | 2])[]
  /** How long ago its client went. */
  readonly awayMs: number
  readonly expirySeconds: number | 'never'
  /** What waits for it. */
  readonly waiting: number
  readonly topic: (random: Random) => string
  readonly from: 'browser' | 'device'
  readonly protocolVersion: 3 | 4 | 5
  readonly origin?: string
}

/** All lines but header and end; `extra` more sessions of browsers that have been away for a while. */
export function* pastLines(now: number, extra: number): Generator<PortableLine> {
  const random = new Random(20_261_126)
  let number = 0
  for (const kind of kinds(random, extra)) {
    yield sessionLine(kind, now, random)
    for (let index = 0; index < kind.waiting; index++)
      yield messageLine(kind, ++number, now - kind.awayMs * (1 - (index + 1) / (kind.waiting + 1)), random)
  }
}

const shop = 'https://shop.example'

function* kinds(random: Random, extra: number): Generator<Kind> {
  const many = (count: number, make: (index: number) => Kind): Kind[] =>
    Array.from({ length: count }, (_, index) => make(index))
  yield* many(7, deadKiosk)
  yield* many(180, index => closedTab(index, random))
  yield* many(90, () => madeUpId(random))
  yield* many(12, index => handheld(index, random))
  yield* ['eu', 'us', 'apac'].map(site => bridge(site, random))
  for (let index = 0; index < extra; index++) yield webApp(index, random)
}

function topicOfOrder(random: Random): string {
  return `orders/${random.integer(1, 900)}/status`
}

/** Taken down, and nobody told the broker: full, and never ending. */
function deadKiosk(index: number): Kind {
  return {
    clientId: `web-kiosk-${31 + index}`,
    filters: [
      ['kiosk/all/offers', 1],
      [`kiosk/${31 + index}/#`, 1],
    ],
    awayMs: (31 + index) * DAY,
    expirySeconds: 'never',
    waiting: 1000,
    topic: () => 'kiosk/all/offers',
    from: 'browser',
    protocolVersion: 4,
    origin: 'https://kiosk.example',
  }
}

/** A tab of a web shop; one in twelve has less than an hour left. */
function closedTab(index: number, random: Random): Kind {
  const isLast = index % 12 === 0
  return {
    clientId: `web-shop-${random.hex(6)}`,
    filters: [
      [topicOfOrder(random), 1],
      ['shop/notices', 0],
    ],
    awayMs: isLast ? 7 * DAY - random.integer(4, 55) * MINUTE : random.integer(2, 6 * 24 * 60) * MINUTE,
    expirySeconds: WEEK_SECONDS,
    waiting: isLast ? random.integer(10, 140) : random.integer(0, 40),
    topic: topicOfOrder,
    from: 'browser',
    protocolVersion: 4,
    origin: shop,
  }
}

/** A library made up the id anew at each start: nobody will ever come back for it. */
function madeUpId(random: Random): Kind {
  return {
    clientId: `mqttjs_${random.hex(8)}`,
    filters: [['shop/prices/#', 1]],
    awayMs: random.integer(1, 6 * 24) * HOUR,
    expirySeconds: WEEK_SECONDS,
    waiting: random.integer(20, 120),
    topic: own => `shop/prices/${own.integer(1, 40)}`,
    from: 'browser',
    protocolVersion: 4,
    origin: shop,
  }
}

function handheld(index: number, random: Random): Kind {
  return {
    clientId: `handheld-${String(index + 1).padStart(2, '0')}`,
    filters: [['warehouse/picks/#', 2]],
    awayMs: random.integer(1, 30) * HOUR,
    expirySeconds: 30 * 86_400,
    waiting: random.integer(0, 300),
    topic: own => `warehouse/picks/${own.integer(1, 60)}`,
    from: 'device',
    protocolVersion: 5,
  }
}

function bridge(site: string, random: Random): Kind {
  return {
    clientId: `bridge-${site}`,
    filters: [['#', 1]],
    awayMs: random.integer(20, 50) * MINUTE,
    expirySeconds: 30 * 86_400,
    waiting: site === 'apac' ? 930 : 12,
    topic: topicOfOrder,
    from: 'device',
    protocolVersion: 5,
  }
}

function webApp(index: number, random: Random): Kind {
  return {
    clientId: `web-app-${String(index).padStart(6, '0')}`,
    filters: [
      [`user/${index}/inbox`, 1],
      ['app/news', 1],
    ],
    awayMs: random.integer(1, 6 * 24 * 60) * MINUTE,
    expirySeconds: WEEK_SECONDS,
    waiting: index % 4 === 0 ? random.integer(1, 12) : 0,
    topic: () => 'app/news',
    from: 'browser',
    protocolVersion: 4,
    origin: 'https://app.example',
  }
}

function sessionLine(kind: Kind, now: number, random: Random): SessionLine {
  const disconnectedAt = now - kind.awayMs
  const { expirySeconds } = kind
  const isBrowser = kind.from === 'browser'
  return {
    kind: 'session',
    clientId: kind.clientId,
    owner: '',
    // As a broker makes it (a ULID), or no act could name the session.
    generation: `01${random.hex(24).toUpperCase()}`,
    createdAt: iso(disconnectedAt - random.integer(1, 20) * DAY),
    version: random.integer(3, 400),
    connection: {
      protocolVersion: kind.protocolVersion,
      cleanStart: false,
      keepAliveSeconds: isBrowser ? 45 : 60,
      transport: isBrowser ? 'websocket' : 'tcp',
      address: `10.${random.integer(2, 9)}.${random.integer(0, 255)}.${random.integer(1, 254)}`,
      port: random.integer(32_768, 60_999),
      ...(isBrowser ? { origin: kind.origin, userAgent: random.pick(browsers), path: '/mqtt' } : {}),
    },
    expirySeconds,
    expirySource: kind.protocolVersion === 5 ? 'client' : 'policy',
    expiryPinned: false,
    disconnectedAt: iso(disconnectedAt),
    expiresAt: expirySeconds === 'never' ? undefined : iso(disconnectedAt + expirySeconds * 1000),
    subscriptions: kind.filters.map(([topicFilter, qos]) => ({
      topicFilter,
      qos,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0,
    })),
    sending: [],
    receiving: [],
  }
}

function messageLine(kind: Kind, number: number, receivedAt: number, random: Random): MessageLine {
  const topic = kind.topic(random)
  const payload = {
    topic,
    number,
    price: random.integer(100, 9_900) / 100,
    note: 'x'.repeat(random.integer(0, 160)),
  }
  return {
    kind: 'message',
    number,
    receivers: 1,
    topic,
    qos: 1,
    retain: false,
    payload: Buffer.from(JSON.stringify(payload)).toString('base64'),
    publisher: topic.startsWith('warehouse') ? 'erp' : 'shop-backend',
    receivedAt: iso(receivedAt),
    deliverQos: 1,
    deliverRetain: false,
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
