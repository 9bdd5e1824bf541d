// When clients were there: segments of online and offline in a window, with the takeovers in it.

import type { Lifeline, LifelineState } from '../../../shared/history.ts'
import type { Millis } from '../../clock.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import { LIFELINE_CLIENTS_MAX, LIFELINE_ROWS_MAX, LIFELINES_PER_READ } from './limits.ts'
import { IS_PRESENCE, kindNumbers } from './tables.ts'

/** A time the broker was not there; what it knew before is not known of the time between. */
export interface Downtime {
  readonly from: Millis
  readonly to: Millis
}

interface Presence {
  readonly kind: number
  readonly at: Millis
}

/** A client, and how its session stands now: it may have been left before anything was written down here. */
export interface LifelineOf {
  readonly clientId: string
  readonly stands: { readonly at: Millis; readonly state: 'online' | 'offline' } | undefined
}

/** Of the first LIFELINE_CLIENTS_MAX of them, in their order; one that nothing is known of is unknown throughout. */
export async function readLifelines(
  side: SideDatabase,
  clients: readonly LifelineOf[],
  since: Millis,
): Promise<readonly Lifeline[]> {
  const wanted = clients.slice(0, LIFELINE_CLIENTS_MAX)
  const downtimes = await readDowntimes(side, since)
  const lifelines: Lifeline[] = []
  for (let from = 0; from < wanted.length; from += LIFELINES_PER_READ) {
    const some = wanted.slice(from, from + LIFELINES_PER_READ)
    const known = await readPresence(
      side,
      some.map(one => one.clientId),
    )
    for (const { clientId, stands } of some) {
      const presence = [...(known.get(clientId) ?? []), ...presenceOf(stands)]
      lifelines.push(drawLifeline(clientId, presence, downtimes, since))
    }
  }
  return lifelines
}

function presenceOf(stands: LifelineOf['stands']): readonly Presence[] {
  if (stands === undefined) return []
  const { at, state } = stands
  return [{ at, kind: state === 'online' ? kindNumbers.connect : kindNumbers.disconnect }]
}

/** One row a client, its latest comings and goings as one text, so that little crosses between the threads. */
async function readPresence(
  side: SideDatabase,
  clientIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Presence[]>> {
  const rows = await side.read(
    `SELECT c.clientId, (SELECT json_group_array(json_array(kind, at, until)) FROM
        (SELECT kind, at, until FROM history_event WHERE client = c.id AND ${IS_PRESENCE}
          ORDER BY id DESC LIMIT ${LIFELINE_ROWS_MAX})) AS presence
      FROM json_each(?) AS wanted JOIN history_client c ON c.clientId = wanted.value`,
    JSON.stringify(clientIds),
  )
  return new Map(
    rows.map(row => {
      const presence: [number, number, number | null][] = JSON.parse(String(row['presence']))
      // A row that stands for several counts for its latest: that is how the client was left.
      return [
        String(row['clientId']),
        presence.reverse().map(([kind, at, until]) => ({ kind, at: until ?? at })),
      ]
    }),
  )
}

async function readDowntimes(side: SideDatabase, since: Millis): Promise<readonly Downtime[]> {
  const rows = await side.read(
    `SELECT at, data ->> 'downMs' AS downMs FROM history_event
      WHERE kind = ${kindNumbers['broker.restart']} ORDER BY id DESC LIMIT 200`,
  )
  return rows
    .map(row => ({ from: Number(row['at']) - Number(row['downMs'] ?? 0), to: Number(row['at']) }))
    .filter(downtime => downtime.to >= since)
}

/** `presence` in the order in which it happened; nothing but its arguments counts. */
export function drawLifeline(
  clientId: string,
  presence: readonly Presence[],
  downtimes: readonly Downtime[],
  since: Millis,
): Lifeline {
  const takeovers = presence.filter(one => one.kind === kindNumbers.takeover && one.at >= since)
  const comings = presence.filter(one => one.kind !== kindNumbers.takeover)
  // Of a client that had not come yet, the end of a downtime says nothing.
  const knownFrom = Math.min(...comings.map(one => one.at))
  const steps = [
    ...comings.map(({ kind, at }): Step => [at, kind === kindNumbers.connect ? 'online' : 'offline']),
    // Every connection ended with the broker's process.
    ...downtimes.flatMap(({ from, to }): Step[] => [
      [from, 'unknown'],
      [to, to < knownFrom ? 'unknown' : 'offline'],
    ]),
  ].sort(([one], [other]) => one - other)
  const segments: [Millis, LifelineState][] = [[since, 'unknown']]
  for (const [at, state] of steps) {
    const last = segments.at(-1)!
    if (at <= since || last[0] === at) last[1] = state
    else if (last[1] !== state) segments.push([at, state])
    // What was undone within the millisecond leaves no mark.
    if (segments.at(-2)?.[1] === segments.at(-1)![1]) segments.pop()
  }
  return {
    clientId,
    segments: segments.map(([at, state]) => [iso(at), state]),
    takeovers: takeovers.map(one => iso(one.at)),
  }
}

type Step = readonly [at: Millis, state: LifelineState]

function iso(at: Millis): string {
  return new Date(at).toISOString()
}
