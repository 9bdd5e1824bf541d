import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Happening } from '../../../../server/read-model/history/describe.ts'
import {
  FOLD_MS,
  ROWS_BURST,
  ROWS_PENDING_MAX,
  ROWS_PER_HOUR,
  STRANGERS_ROWS_BURST,
} from '../../../../server/read-model/history/limits.ts'
import { Timeline, type TimelineRow } from '../../../../server/read-model/history/timeline.ts'

const HOUR = 3_600_000
const START = 1_800_000_000_000

function happening(at: number, change: Partial<Happening> = {}): Happening {
  return {
    kind: 'disconnect',
    at: START + at,
    clientId: 'a',
    generation: 'g',
    actor: undefined,
    data: { cause: 'socket' },
    ...change,
  }
}

function all(timeline: Timeline): readonly TimelineRow[] {
  return timeline.take(1_000_000)
}

test('a client at the usual pace has a row for each happening', () => {
  const timeline = new Timeline()
  for (let index = 0; index < 200; index++) timeline.add(happening((index * HOUR) / ROWS_PER_HOUR), false)
  const rows = all(timeline)
  assert.equal(rows.length, 200)
  assert.ok(rows.every(row => row.count === 1 && row.until === undefined))
})

test('one that is too fast has its burst, then one row of a kind that grows, each cause its own', () => {
  const timeline = new Timeline()
  for (let index = 0; index < 1000; index++) {
    timeline.add(happening(index, { kind: 'connect', data: { n: index } }), false)
    timeline.add(happening(index, { data: { cause: index % 2 === 0 ? 'socket' : 'taken-over' } }), false)
  }
  const rows = all(timeline)
  assert.equal(rows.length, ROWS_BURST + 3)
  assert.equal(
    rows.reduce((sum, row) => sum + row.count, 0),
    2000,
  )
  const [connects] = rows.filter(row => row.happening.kind === 'connect' && row.count > 1)
  assert.equal(connects?.until, START + 999)
  assert.deepEqual(connects?.data, { n: 999 }, 'it tells of the latest')
})

test('a row that has been written is written over when it has grown, once for each time it is taken', () => {
  const timeline = new Timeline()
  for (let index = 0; index < ROWS_BURST + 10; index++) timeline.add(happening(index), false)
  const first = all(timeline)
  assert.deepEqual(all(timeline), [])
  for (let index = 0; index < 10; index++) timeline.add(happening(1000 + index), false)
  const again = all(timeline)
  assert.deepEqual(
    again.map(row => row.id),
    [first.at(-1)!.id],
  )
  assert.equal(again[0]!.count, 20)
})

test('after a quiet hour the client has rows of its own again; a long storm begins a row an hour', () => {
  const timeline = new Timeline()
  for (let index = 0; index < ROWS_BURST + 10; index++) timeline.add(happening(index), false)
  all(timeline)
  timeline.add(happening(HOUR), false)
  assert.equal(all(timeline)[0]!.count, 1)
  const storm = new Timeline()
  for (let at = 0; at < 10 * HOUR; at += 1000) storm.add(happening(at), false)
  const folded = all(storm).filter(row => row.count > 1)
  assert.ok(folded.length >= 9)
  assert.ok(folded.every(row => row.until! - row.happening.at < FOLD_MS))
})

test('a client that reconnects for ever leaves at least the last half day in its 500 rows', () => {
  const timeline = new Timeline()
  for (let at = 0; at < 24 * HOUR; at += 500) {
    timeline.add(happening(at, { kind: 'connect', data: {} }), false)
    timeline.add(happening(at), false)
  }
  const kept = all(timeline).slice(-500)
  assert.ok(24 * HOUR + START - kept[0]!.happening.at >= 12 * HOUR)
})

test('what an operator does always has a row of its own', () => {
  const timeline = new Timeline()
  for (let index = 0; index < 300; index++) timeline.add(happening(index, { actor: 'ana' }), false)
  assert.equal(all(timeline).length, 300)
})

test('refused clients without a session share one pace, whatever ids they try', () => {
  const timeline = new Timeline()
  for (let index = 0; index < 50_000; index++) {
    const data = { fault: 'not-authorized' }
    timeline.addOfStranger(
      happening(index / 100, { kind: 'connect.refused', clientId: `try-${index}`, data }),
    )
  }
  const rows = all(timeline)
  assert.ok(rows.length <= STRANGERS_ROWS_BURST + 2, `${rows.length} rows`)
  const folded = rows.find(row => row.count > 1)!
  assert.equal(folded.happening.clientId, '', 'it is about no client in particular')
  assert.match(String(folded.data['fault']), /not-authorized/)
})

test('when the disk does not keep up, rows are left out and counted', () => {
  const timeline = new Timeline()
  for (let index = 0; index < ROWS_PENDING_MAX + 500; index++) {
    timeline.add(happening(index, { clientId: `c-${index}` }), false)
  }
  assert.equal(timeline.pending, ROWS_PENDING_MAX)
  assert.equal(timeline.takeLeftOut(), 500)
  assert.equal(timeline.takeLeftOut(), 0)
})
