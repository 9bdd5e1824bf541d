// One reader of the live stream that does not read: nothing is made for it, little waits, and it is told what it missed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Actor } from '../../../../server/admin/auth/actor.ts'
import type { LiveHub } from '../../../../server/admin/live/live-hub.ts'
import { LiveStream } from '../../../../server/admin/live/live-stream.ts'
import type { SseWriter } from '../../../../server/admin/live/sse-writer.ts'
import { LIVE_EVENTS_PENDING_MAX, LIVE_KEYS_PENDING_MAX } from '../../../../server/limits.ts'
import { everySession } from '../../../../shared/filter-grammar.ts'

const actor = new Actor({
  kind: 'user',
  id: 'u',
  name: 'ana',
  role: 'viewer',
  grants: [],
  clientIdPrefix: undefined,
  sessionId: 's',
})

/** A stream on sessions that are called by their row, and what it has sent. */
function stage() {
  const sent: { name: string; id: string | undefined; data: Record<string, unknown> }[] = []
  const writer = {
    isFull: false,
    send: (name: string, id: string | undefined, data: Record<string, unknown>) =>
      sent.push({ name, id, data }),
    end: () => undefined,
  }
  let summaries = 0
  const table = {
    asOf: 'e1-0',
    since: () => ({ up: [], gone: [] }),
    clientIdOf: (row: number) => `c${row}`,
    rowOf: (clientId: string) => Number(clientId.slice(1)),
    predicate: () => () => true,
    summary: (row: number) => {
      summaries++
      return { clientId: `c${row}` }
    },
  }
  const hub = { table, now: 0, lastEvent: 0, eventsSince: () => [], overview: {} } as unknown as LiveHub
  const stream = new LiveStream({
    hub,
    writer: writer as unknown as SseWriter,
    actor,
    standing: () => undefined,
    topics: new Set(['sessions', 'events']),
    filter: everySession,
  })
  const names = (): string[] => sent.map(one => one.name)
  return { stream, writer, sent, names, summaries: () => summaries }
}

function change(number: number, rows: readonly number[]) {
  return { asOf: `e1-${number}`, up: rows, gone: [] }
}

test('a thousand changes of one session are one, as it is when it is sent', () => {
  const { stream, sent } = stage()
  stream.begin(undefined)
  for (let number = 1; number <= 1_000; number++) stream.changed(change(number, [7]))
  stream.flush()
  const deltas = sent.filter(one => one.name === 'sessions.delta')
  assert.deepEqual(
    deltas.map(one => [one.data['asOf'], one.data['up']]),
    [['e1-1000', [{ clientId: 'c7' }]]],
  )
  assert.equal(deltas[0]?.id, 'e1-1000.0')
})

test('for a reader that does not read nothing is made, and beyond the bound nothing waits', () => {
  const { stream, writer, names, summaries } = stage()
  stream.begin(undefined)
  writer.isFull = true
  for (let row = 0; row <= LIVE_KEYS_PENDING_MAX; row++) stream.changed(change(row + 1, [row]))
  stream.flush()
  assert.equal(summaries(), 0)
  assert.deepEqual(names(), ['hello', 'behind'])
  stream.changed(change(9_999, [1]))
  writer.isFull = false
  stream.flush()
  assert.deepEqual(names(), ['hello', 'behind', 'reset'])
  stream.changed(change(10_000, [1]))
  stream.flush()
  assert.deepEqual(names().slice(3), ['sessions.delta'])
})

test('events beyond the bound are left out, the oldest first, and counted', () => {
  const { stream, writer, sent } = stage()
  stream.begin(undefined)
  writer.isFull = true
  for (let number = 1; number <= LIVE_EVENTS_PENDING_MAX + 3; number++) {
    const data = {
      kind: 'connect',
      at: '',
      clientId: `c${number}`,
      generation: null,
      actor: null,
      data: {},
    } as const
    stream.happened({ number, at: 0, value: { topic: 'events', name: 'event', data } })
  }
  writer.isFull = false
  stream.flush()
  const [gap, first] = sent.slice(1)
  assert.deepEqual([gap?.name, gap?.data], ['event.gap', { missed: 3 }])
  assert.equal(first?.data['clientId'], 'c4')
  assert.equal(sent.length, 2 + LIVE_EVENTS_PENDING_MAX)
  assert.equal(sent.at(-1)?.id, `e1-0.${LIVE_EVENTS_PENDING_MAX + 3}`)
})
