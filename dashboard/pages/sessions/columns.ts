// The columns of the list of sessions: title, width, order, and what each says of a session.

import { bytesInWords, spanInWords } from '../../../shared/plain-words.ts'
import type { SessionSummary } from '../../../shared/session-summary.ts'
import { wordCount } from '../../app/words.ts'
import type { ListSort } from './sort-values.ts'

export interface Column {
  readonly title: string
  /** A track of the grid. */
  readonly width: string
  /** Figures stand at the right, under a head that stands there, too. */
  readonly isFigure: boolean
  readonly sort: ListSort | undefined
  /** What is looked for first is large: the first click begins there. */
  readonly largestFirst: boolean
  readonly text: (session: SessionSummary) => string
  /** What its cell has changed with; compared for each change of each row, so it is no text that has to be made. */
  readonly facts: (session: SessionSummary) => string | number | boolean | null
  /** For those who wonder what it is. */
  readonly meaning: string
}

const protocols: Readonly<Record<number, string>> = { 3: '3.1', 4: '3.1.1', 5: '5' }

export const columns = {
  id: {
    ...{ title: 'Client id', width: 'minmax(140px, 2fr)', isFigure: false, sort: 'id', largestFirst: false },
    text: ({ clientId }) => clientId,
    facts: ({ clientId }) => clientId,
    meaning: 'What the client calls itself',
  },
  state: {
    ...{ title: 'State', width: '96px', isFigure: false, sort: undefined, largestFirst: false },
    text: ({ state }) => state,
    facts: ({ state }) => state,
    meaning: 'Conflict, stuck, online, waiting (offline with messages) or offline',
  },
  lifeline: {
    ...{ title: 'Last 24 h', width: '112px', isFigure: false, sort: undefined, largestFirst: false },
    text: ({ connected }) => (connected ? 'connected' : 'away'),
    facts: ({ connected }) => connected,
    meaning: 'Solid while it was connected, dotted while it was away; a tick is a takeover',
  },
  queued: {
    ...{ title: 'Queue', width: '116px', isFigure: true, sort: 'queued', largestFirst: true },
    text: ({ queued }) => `${wordCount(queued.count)} of ${wordCount(queued.limit)}`,
    facts: ({ queued }) => queued.count,
    meaning: 'Messages that wait, on a logarithmic scale up to the limit',
  },
  bytes: {
    ...{ title: 'Bytes', width: '72px', isFigure: true, sort: 'bytes', largestFirst: true },
    text: ({ queued }) => bytesInWords(queued.bytes),
    facts: ({ queued }) => queued.bytes,
    meaning: 'Of all that is owed, in flight included',
  },
  inflight: {
    ...{ title: 'In flight', width: '64px', isFigure: true, sort: 'inflight', largestFirst: true },
    text: ({ inflight }) =>
      inflight.outLimit === null
        ? wordCount(inflight.out)
        : `${inflight.out}/${wordCount(inflight.outLimit)}`,
    facts: ({ inflight }) => inflight.out,
    meaning: 'Sent and not acknowledged, of as many as the client takes at a time',
  },
  expires: {
    ...{ title: 'Expires', width: '112px', isFigure: false, sort: 'expires', largestFirst: false },
    text: session => session.expiry.at ?? expiryAfter(session),
    facts: ({ expiry }) => expiry.at ?? expiry.intervalSeconds,
    meaning: 'When it ends by itself, and who chose that',
  },
  subs: {
    ...{ title: 'Subs', width: '48px', isFigure: true, sort: 'subs', largestFirst: true },
    text: ({ subscriptions }) => wordCount(subscriptions),
    facts: ({ subscriptions }) => subscriptions,
    meaning: 'Subscriptions',
  },
  seen: {
    ...{ title: 'Last seen', width: '88px', isFigure: false, sort: 'seen', largestFirst: true },
    text: ({ connected, lastSeenAt }) => (connected ? 'now' : `${lastSeenAt}`),
    facts: ({ connected, lastSeenAt }) => connected || lastSeenAt,
    meaning: 'When its last connection ended',
  },
  origin: {
    ...{ title: 'Origin', width: 'minmax(72px, 1fr)', isFigure: false, sort: undefined, largestFirst: false },
    text: ({ remote }) => remote?.origin?.replace(/^https?:\/\//, '') ?? '',
    facts: ({ remote }) => remote?.origin ?? null,
    meaning: 'The web page that the client runs in',
  },
  dropped: {
    ...{ title: 'Dropped', width: '80px', isFigure: true, sort: 'dropped', largestFirst: true },
    text: ({ queued }) => wordCount(queued.dropped),
    facts: ({ queued }) => queued.dropped,
    meaning: 'Messages lost since the broker started',
  },
  proto: {
    ...{ title: 'MQTT', width: '56px', isFigure: false, sort: undefined, largestFirst: false },
    text: ({ protocol }) => (protocol === null ? '' : (protocols[protocol] ?? `${protocol}`)),
    facts: ({ protocol }) => protocol,
    meaning: 'Version of the protocol',
  },
  ip: {
    ...{ title: 'Address', width: '124px', isFigure: false, sort: undefined, largestFirst: false },
    text: ({ remote }) => remote?.ip ?? '',
    facts: ({ remote }) => remote?.ip ?? null,
    meaning: 'Of its latest connection',
  },
  owner: {
    ...{ title: 'User', width: 'minmax(72px, 140px)', isFigure: false, sort: undefined, largestFirst: false },
    text: ({ owner }) => owner,
    facts: ({ owner }) => owner,
    meaning: 'The user it belongs to; empty for anonymous clients',
  },
  agent: {
    ...{
      title: 'Browser',
      width: 'minmax(96px, 1fr)',
      isFigure: false,
      sort: undefined,
      largestFirst: false,
    },
    text: ({ remote }) => remote?.userAgent ?? '',
    facts: ({ remote }) => remote?.userAgent ?? null,
    meaning: 'As it names itself',
  },
  created: {
    ...{ title: 'Age', width: '64px', isFigure: true, sort: 'created', largestFirst: false },
    text: ({ createdAt }) => createdAt,
    facts: ({ createdAt }) => createdAt,
    meaning: 'How long the session has existed',
  },
} as const satisfies Readonly<Record<string, Column>>

export type ColumnKey = keyof typeof columns
export const columnKeys = Object.keys(columns) as readonly ColumnKey[]

export const defaultColumns: readonly ColumnKey[] = [
  'id',
  'state',
  'lifeline',
  'queued',
  'bytes',
  'inflight',
  'expires',
  'subs',
  'seen',
  'origin',
]

/** What is left out first where there is not room for all, when nobody has chosen. */
const leastWanted: readonly ColumnKey[] = [
  'origin',
  'subs',
  'inflight',
  'lifeline',
  'bytes',
  'seen',
  'expires',
]
export const COLUMN_GAP_PX = 8
/** Before the first column and after the last. */
export const ROW_EDGE_PX = 16
export const SELECT_PX = 28

/** In pixels, what a row needs at least. */
export function widthOf(keys: readonly ColumnKey[]): number {
  const narrowest = (key: ColumnKey): number => Number.parseInt(columns[key].width.replace('minmax(', ''), 10)
  return keys.reduce((sum, key) => sum + narrowest(key) + COLUMN_GAP_PX, SELECT_PX + 2 * ROW_EDGE_PX)
}

export function fitting(keys: readonly ColumnKey[], widthPx: number): readonly ColumnKey[] {
  let left = keys
  for (const key of leastWanted) {
    if (widthOf(left) <= widthPx) break
    left = left.filter(one => one !== key)
  }
  return left
}

export function columnOf(key: ColumnKey): Column {
  return columns[key]
}

/** Of `id,state,queued`; unknown names are left out, and the client id is always the first. */
export function readColumns(text: string | null): readonly ColumnKey[] {
  if (text === null) return defaultColumns
  const named = text.split(',').filter((name): name is ColumnKey => Object.hasOwn(columns, name))
  return ['id', ...columnKeys.filter(key => key !== 'id' && named.includes(key))]
}

/** Undefined for the columns one sees without having chosen. */
export function writeColumns(chosen: readonly ColumnKey[]): string | undefined {
  const text = columnKeys.filter(key => chosen.includes(key)).join(',')
  return text === columnKeys.filter(key => defaultColumns.includes(key)).join(',') ? undefined : text
}

/** `policy`, `client`, `pinned`: who chose the expiry, in one word. */
export function expirySource({ expiry }: SessionSummary): string {
  return expiry.pinned ? 'pinned' : expiry.source
}

/** `7 d after` for one that is connected, whose time is not known yet. */
export function expiryAfter({ expiry }: SessionSummary): string {
  if (expiry.intervalSeconds === null) return 'never'
  if (expiry.intervalSeconds === 0) return 'with connection'
  return `after ${spanInWords(expiry.intervalSeconds * 1000)}`
}
