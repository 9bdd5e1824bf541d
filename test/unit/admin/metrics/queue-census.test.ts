// The walk over all queues: what it counts, and that it lets others have their turn.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Numbers } from '../../../../server/admin/metrics/family.ts'
import { QueueCensus } from '../../../../server/admin/metrics/queue-census.ts'
import type { Registry } from '../../../../server/session/registry.ts'

function registryOf(queues: readonly (readonly [messages: number, bytes: number])[]): Registry {
  const limits = { messagesMax: 10, bytesMax: 100, overflow: 'drop-oldest' }
  const sessions = queues.map(([messages, bytes]) => ({ lease: { queue: { messages, bytes, limits } } }))
  return { all: () => sessions.values() } as unknown as Registry
}

function read(census: QueueCensus, name: string): unknown {
  const family = census.families().find(one => one.name === name) as Numbers
  const value = family.read()
  return typeof value === 'object'
    ? Object.fromEntries([...value].map(([labels, count]) => [labels['fill'], count]))
    : value
}

test('counts each queue once, by messages or bytes, whichever is nearer to its limit', async () => {
  const census = new QueueCensus()
  await census.take(
    registryOf([
      [0, 0],
      [0, 0],
      [1, 49],
      [1, 50],
      [9, 9],
      [2, 95],
      [10, 10],
      [3, 120],
    ]),
  )
  assert.deepEqual(read(census, 'holdfast_queues'), { empty: 2, low: 1, half: 1, high: 2, full: 2 })
  assert.equal(read(census, 'holdfast_queue_messages'), 26)
  assert.equal(read(census, 'holdfast_queue_bytes'), 333)
  assert.equal(read(census, 'holdfast_queue_longest_messages'), 10)
  assert.equal(read(census, 'holdfast_queue_fullest_ratio'), 1)
})

test('what was counted before is forgotten by the next count', async () => {
  const census = new QueueCensus()
  await census.take(registryOf([[10, 10]]))
  await census.take(registryOf([[0, 0]]))
  assert.equal(read(census, 'holdfast_queue_fullest_ratio'), 0)
  assert.deepEqual(read(census, 'holdfast_queues'), { empty: 1, low: 0, half: 0, high: 0, full: 0 })
})

test('a queue that may hold nothing and holds something in flight is full', async () => {
  const census = new QueueCensus()
  const queue = { messages: 1, bytes: 1, limits: { messagesMax: 0, bytesMax: 0, overflow: 'reject' } }
  await census.take({ all: () => [{ lease: { queue } }].values() } as unknown as Registry)
  assert.equal(read(census, 'holdfast_queue_fullest_ratio'), 1)
})

test('lets the event loop turn between its slices', async () => {
  let turns = 0
  let isCounting = true
  const turn = (): void => {
    turns++
    if (isCounting) setImmediate(turn)
  }
  setImmediate(turn)
  await new QueueCensus().take(registryOf(Array.from({ length: 20_000 }, () => [1, 1] as const)))
  isCounting = false
  assert.ok(turns >= 9, `${turns} turns`)
})
