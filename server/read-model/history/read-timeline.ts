// Reads rows of the timeline: of one client, or of the whole broker by kind, actor and time.

import type { TimelineEntry, TimelineKind } from '../../../shared/history.ts'
import type { Millis } from '../../clock.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideRow, SideValue } from '../../store/side/side-messages.ts'
import { PAGE_ROWS_MAX } from './limits.ts'
import { kindNumbers, kindOf } from './tables.ts'

/** The newest rows first; `next` is the id to read on from, undefined at the end. */
export interface Page<Row> {
  readonly data: readonly Row[]
  readonly next: number | undefined
}

export interface TimelineQuery {
  /** Undefined or empty: all. */
  readonly kinds?: readonly TimelineKind[] | undefined
  readonly generation?: string | undefined
  /** Rows with a lower id; undefined: from the newest. */
  readonly before?: number | undefined
  readonly limit: number
}

export interface EventsQuery {
  readonly kinds?: readonly TimelineKind[] | undefined
  readonly actor?: string | undefined
  readonly from?: Millis | undefined
  readonly to?: Millis | undefined
  readonly before?: number | undefined
  readonly limit: number
}

const COLUMNS = 'e.id, e.kind, e.at, e.until, e.count, e.generation, e.actor, e.data'
/** Restarts drawn into one page; a broker that restarts more often has another problem. */
const RESTARTS_MAX = 100

/** With the restarts of the broker between its rows, unless only other kinds are asked for. */
export async function readTimeline(
  side: SideDatabase,
  clientId: string,
  query: TimelineQuery,
): Promise<Page<TimelineEntry>> {
  const { kinds = [], generation, before } = query
  const limit = clamp(query.limit)
  const rows = await side.read(
    `SELECT ${COLUMNS}, ? AS clientId FROM history_event e
      WHERE e.client = (SELECT id FROM history_client WHERE clientId = ?) AND e.id < ?
        AND (? OR e.kind IN (SELECT value FROM json_each(?))) AND (? IS NULL OR e.generation = ?)
      ORDER BY e.id DESC LIMIT ?`,
    clientId,
    clientId,
    before ?? Number.MAX_SAFE_INTEGER,
    kinds.length === 0 ? 1 : 0,
    numbersOf(kinds),
    generation ?? null,
    generation ?? null,
    limit + 1,
  )
  const page = pageOf(rows, limit)
  if (page.data.length === 0 || (kinds.length > 0 && !kinds.includes('broker.restart'))) return page
  const restarts = await side.read(
    `SELECT ${COLUMNS}, NULL AS clientId FROM history_event e
      WHERE e.kind = ${kindNumbers['broker.restart']} AND e.id > ? AND e.id < ? ORDER BY e.id DESC LIMIT ${RESTARTS_MAX}`,
    page.data.at(-1)!.id,
    before ?? Number.MAX_SAFE_INTEGER,
  )
  const data = [...page.data, ...restarts.flatMap(entriesOf)].sort((one, other) => other.id - one.id)
  return { data, next: page.next }
}

export async function readEvents(side: SideDatabase, query: EventsQuery): Promise<Page<TimelineEntry>> {
  const limit = clamp(query.limit)
  const [first, beyond] = await bounds(side, query)
  const { kinds = [], actor } = query
  const rows =
    actor === undefined && kinds.length > 0
      ? await readKinds(side, kinds, first, beyond, limit + 1)
      : await side.read(
          `SELECT ${COLUMNS}, c.clientId FROM history_event e LEFT JOIN history_client c ON c.id = e.client
            WHERE e.id >= ? AND e.id < ? ${actor === undefined ? '' : 'AND e.actor = ?'}
              AND (? OR e.kind IN (SELECT value FROM json_each(?)))
            ORDER BY e.id DESC LIMIT ?`,
          first,
          beyond,
          ...(actor === undefined ? [] : [actor]),
          kinds.length === 0 ? 1 : 0,
          numbersOf(kinds),
          limit + 1,
        )
  return pageOf(rows, limit)
}

/** Each kind has its own walk along an index, so that a rare one is found without reading all others. */
function readKinds(
  side: SideDatabase,
  kinds: readonly TimelineKind[],
  first: number,
  beyond: number,
  limit: number,
): Promise<readonly SideRow[]> {
  const walks = kinds.map(
    kind =>
      `SELECT * FROM (SELECT id FROM history_event WHERE kind = ${kindNumbers[kind]} AND id >= ? AND id < ? ORDER BY id DESC LIMIT ?)`,
  )
  const parameters = kinds.flatMap((): SideValue[] => [first, beyond, limit])
  return side.read(
    `SELECT ${COLUMNS}, c.clientId FROM history_event e LEFT JOIN history_client c ON c.id = e.client
      WHERE e.id IN (${walks.join(' UNION ALL ')}) ORDER BY e.id DESC LIMIT ?`,
    ...parameters,
    limit,
  )
}

/** Ids grow with time, so a span of time is a span of ids. */
async function bounds(side: SideDatabase, { from, to, before }: EventsQuery): Promise<[number, number]> {
  let beyond = before ?? Number.MAX_SAFE_INTEGER
  if (to !== undefined) {
    beyond = Math.min(beyond, (await firstIdAt(side, to + 1)) ?? Number.MAX_SAFE_INTEGER)
  }
  if (from === undefined) return [0, beyond]
  return [(await firstIdAt(side, from)) ?? Number.MAX_SAFE_INTEGER, beyond]
}

async function firstIdAt(side: SideDatabase, at: Millis): Promise<number | undefined> {
  const [row] = await side.read('SELECT id FROM history_event WHERE at >= ? ORDER BY at LIMIT 1', at)
  return row === undefined ? undefined : Number(row['id'])
}

function clamp(limit: number): number {
  return Math.min(Math.max(1, limit), PAGE_ROWS_MAX)
}

function numbersOf(kinds: readonly TimelineKind[]): string {
  return JSON.stringify(kinds.map(kind => kindNumbers[kind]))
}

function pageOf(rows: readonly SideRow[], limit: number): Page<TimelineEntry> {
  const shown = rows.slice(0, limit)
  const next = rows.length > limit ? Number(shown.at(-1)!['id']) : undefined
  return { data: shown.flatMap(entriesOf), next }
}

/** None for a kind that only a newer Holdfast knows. */
function entriesOf(row: SideRow): TimelineEntry[] {
  const kind = kindOf(row['kind'])
  if (kind === undefined) return []
  return [
    {
      id: Number(row['id']),
      at: iso(row['at']) ?? '',
      until: iso(row['until']),
      count: Number(row['count']),
      kind,
      clientId: textOf(row['clientId']),
      generation: textOf(row['generation']),
      actor: textOf(row['actor']),
      data: JSON.parse(String(row['data'])),
    },
  ]
}

function iso(value: SideValue | undefined): string | null {
  return typeof value === 'number' ? new Date(value).toISOString() : null
}

function textOf(value: SideValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}
