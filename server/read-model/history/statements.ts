// What one write of the history says to the side database: a few statements, each with its rows as one JSON text.
//
// A row costs the event loop the making of its JSON and nothing else; the thread takes it apart.

import type { SideStatement } from '../../store/side/side-messages.ts'
import { cut } from './describe.ts'
import { CLIENT_ROWS_MAX, CLIENT_SAMPLES_MAX, CLIENT_SAMPLES_SPARE } from './limits.ts'
import type { ClientLosses, LostSample } from './losses.ts'
import type { FindSession } from './session-of.ts'
import { HAS_TOO_MANY, kindNumbers } from './tables.ts'
import type { TimelineRow } from './timeline.ts'

/** Clients trimmed in one write, of those that have become too many rows. */
const CLIENTS_TRIMMED_MAX = 200

const COUNT_ROWS = `INSERT INTO history_client (clientId, rows)
  SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true
  ON CONFLICT (clientId) DO UPDATE SET rows = rows + excluded.rows`

const WRITE_ROWS = `INSERT INTO history_event
    (id, client, kind, at, until, count, passing, generation, actor, data)
  SELECT value ->> 0, (SELECT id FROM history_client WHERE clientId = value ->> 1), value ->> 2, value ->> 3,
    value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8, value -> 9
  FROM json_each(?) WHERE true
  ON CONFLICT (id) DO UPDATE SET until = excluded.until, count = excluded.count, data = excluded.data`

const TOO_MANY = `SELECT id FROM history_client WHERE ${HAS_TOO_MANY} ORDER BY rows LIMIT ${CLIENTS_TRIMMED_MAX}`

const TRIM_ROWS = `DELETE FROM history_event WHERE id IN (
  SELECT id FROM (
    SELECT id, ROW_NUMBER() OVER (PARTITION BY client ORDER BY id DESC) AS place
    FROM history_event WHERE client IN (${TOO_MANY})
  ) WHERE place > ${CLIENT_ROWS_MAX})`

const TRIMMED = `UPDATE history_client SET rows = ${CLIENT_ROWS_MAX} WHERE id IN (${TOO_MANY})`

/** Grown rows are written over; `behind` is the highest id that an earlier process has written. */
export function rowStatements(rows: readonly TimelineRow[], behind: number): readonly SideStatement[] {
  if (rows.length === 0) return []
  const counts = new Map<string, number>()
  const written = rows.map(row => {
    const { id, happening, isPassing, until, count, data } = row
    const { clientId, kind, at, generation, actor } = happening
    if (clientId !== '') counts.set(clientId, (counts.get(clientId) ?? 0) + (row.wasTaken ? 0 : 1))
    row.wasTaken = true
    return [
      behind + id,
      clientId,
      kindNumbers[kind],
      at,
      until ?? null,
      count,
      isPassing ? 1 : 0,
      generation ?? null,
      actor ?? null,
      data,
    ]
  })
  return [
    [COUNT_ROWS, JSON.stringify([...counts])],
    [WRITE_ROWS, JSON.stringify(written)],
    [TRIM_ROWS],
    [TRIMMED],
  ]
}

const WRITE_SAMPLES = `INSERT INTO history_lost
    (clientId, at, generation, reason, topic, publisher, qos, size, actor)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8
  FROM json_each(?)`

const TRIM_SAMPLES = `DELETE FROM history_lost WHERE clientId = ? AND id <=
  (SELECT id FROM history_lost WHERE clientId = ? ORDER BY id DESC LIMIT 1 OFFSET ${CLIENT_SAMPLES_MAX})`

export function sampleStatements(
  samples: readonly LostSample[],
  lossesOf: (clientId: string) => ClientLosses | undefined,
  find: FindSession,
): readonly SideStatement[] {
  if (samples.length === 0) return []
  const full = new Set<string>()
  const written = samples.map(({ clientId, at, reason, topic, publisher, qos, size, actor }) => {
    const losses = lossesOf(clientId)
    if (losses === undefined || ++losses.samples > CLIENT_SAMPLES_SPARE) {
      full.add(clientId)
      if (losses !== undefined) losses.samples = 0
    }
    const generation = find(clientId)?.generation ?? null
    const name = topic === undefined ? null : cut(topic)
    return [
      clientId,
      at,
      generation,
      reason,
      name,
      publisher ?? null,
      qos ?? null,
      size ?? null,
      actor ?? null,
    ]
  })
  const trims = [...full].map((clientId): SideStatement => [TRIM_SAMPLES, clientId, clientId])
  return [[WRITE_SAMPLES, JSON.stringify(written)], ...trims]
}

const WRITE_COUNTS = `INSERT INTO history_loss_count (clientId, reason, generation, count, bytes, lastAt)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each(?) WHERE true
  ON CONFLICT (clientId, reason) DO UPDATE SET generation = excluded.generation, count = excluded.count,
    bytes = excluded.bytes, lastAt = excluded.lastAt`

const DROP_COUNTS = `DELETE FROM history_loss_count WHERE (clientId, generation) IN
  (SELECT value ->> 0, value ->> 1 FROM json_each(?))`

/** Whole numbers, not differences: to write them twice does no harm. */
export function countStatements(
  clients: readonly ClientLosses[],
  find: FindSession,
): readonly SideStatement[] {
  const written = clients.flatMap(({ clientId, counts }) => {
    const generation = find(clientId)?.generation
    if (generation === undefined) return []
    return counts.map(({ reason, count, bytes, lastAt }) => [
      clientId,
      reason,
      generation,
      count,
      bytes,
      lastAt,
    ])
  })
  return written.length === 0 ? [] : [[WRITE_COUNTS, JSON.stringify(written)]]
}

/** Of sessions that have ended. */
export function dropCountStatements(
  ended: readonly (readonly [clientId: string, generation: string])[],
): readonly SideStatement[] {
  return ended.length === 0 ? [] : [[DROP_COUNTS, JSON.stringify(ended)]]
}

export function stateStatement(name: 'alive-at' | 'stopped-at', value: number): SideStatement {
  return ['INSERT OR REPLACE INTO history_state (name, value) VALUES (?, ?)', name, value]
}

const FORGET_STATE = 'DELETE FROM history_state WHERE name = ?'

export function forgetStateStatement(name: 'stopped-at'): SideStatement {
  return [FORGET_STATE, name]
}
