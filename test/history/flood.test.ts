import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { SystemClock } from '../../server/clock.ts'
import type { MessageLost } from '../../server/events.ts'
import { createLog } from '../../server/log.ts'
import { History } from '../../server/read-model/history/history.ts'
import type { Reading } from '../../server/read-model/history/series.ts'
import { openSide, type SideDatabase, SideProblem } from '../../server/store/side/side-database.ts'

const LIMITS = { rowsMax: 100_000, ageMs: 86_400_000 }
const clock = new SystemClock()

interface Stage {
  readonly history: History
  readonly logs: string[]
}

async function open(side: SideDatabase): Promise<Stage> {
  const logs: string[] = []
  const log = createLog({
    level: 'debug',
    format: 'json',
    write: line => logs.push(line),
    now: () => clock.now(),
  })
  const history = new History({
    clock,
    log,
    find: clientId => ({ generation: `generation-of-${clientId}`, isKept: true }),
    look: async () => undefined,
    read: (): Reading => ({ sessions: 1 }) as Reading,
    happened: () => undefined,
    conflictChanged: () => undefined,
  })
  await history.open(side, LIMITS)
  return { history, logs }
}

function inMemory(): Promise<SideDatabase> {
  return openSide({
    dataDirectory: undefined,
    fatal: message => {
      throw new Error(message)
    },
  })
}

function lost(index: number, sessions: number): MessageLost {
  return {
    kind: 'message-lost',
    at: clock.now(),
    clientId: `c-${index % sessions}`,
    reason: 'queue-full',
    topic: `orders/${index}`,
    publisher: 'shop',
    qos: 1,
    size: 100,
    seq: undefined,
  }
}

test('three hundred thousand losses are counted to the last, cost little, and leave memory as it was', async () => {
  const side = await inMemory()
  const { history, logs } = await open(side)
  const rounds = 300
  let learning = 0
  let heapBefore = 0
  for (let round = 0; round < rounds; round++) {
    const events = Array.from({ length: 1000 }, (_, index) => lost(round * 1000 + index, 50))
    const startedAt = performance.now()
    for (const event of events) history.learn(event)
    learning += performance.now() - startedAt
    if (round === 100) heapBefore = process.memoryUsage().heapUsed
    await wait(5)
  }
  const grown = process.memoryUsage().heapUsed - heapBefore
  const microseconds = (learning / (rounds * 1000)) * 1000
  assert.ok(grown < 32 * 1024 ** 2, `the heap has grown by ${grown} bytes`)
  // It takes a fifth of one on an idle machine; ten would be another way to do it.
  assert.ok(microseconds < 10, `a loss costs ${microseconds} us`)
  assert.equal(history.dropped('c-7'), 6000)
  await history.close()
  await side.close()
  assert.deepEqual(logs, [])
})

test('what the timeline and the ledger keep of a flood is little, and right', async () => {
  const side = await inMemory()
  const { history } = await open(side)
  for (let round = 0; round < 30; round++) {
    for (let index = 0; index < 3000; index++) history.learn(lost(index, 3))
    await wait(100)
  }
  await wait(1200)
  const { data } = await history.timeline('c-1', { kinds: ['queue.dropped'], limit: 100 })
  assert.deepEqual(
    data.map(row => [row.count, row.data]),
    [[30_000, { cause: 'queue-full', bytes: 3_000_000 }]],
  )
  const ledger = await history.lostMessages({ clientId: 'c-1', limit: 1000 })
  assert.ok(ledger.data.length >= 4 && ledger.data.length <= 16, `${ledger.data.length} rows`)
  await history.close()
  await side.close()
})

/** Stands before a side database and can be made to fail like a full disk. */
function failing(side: SideDatabase): SideDatabase & { isFull: boolean } {
  return {
    isFull: false,
    define: (module, steps) => side.define(module, steps),
    read: (sql, ...parameters) => side.read(sql, ...parameters),
    backup: directory => side.backup(directory),
    close: () => side.close(),
    write(statements) {
      return this.isFull ? Promise.reject(new SideProblem('full', 'no room')) : side.write(statements)
    },
  }
}

test('a full disk costs history, is said once, and leaves a gap that tells how much', async () => {
  const side = failing(await inMemory())
  const { history, logs } = await open(side)
  const hold = (index: number): void =>
    history.learn({
      kind: 'held',
      at: clock.now(),
      clientId: `h-${index}`,
      until: 0,
      by: { actor: 'ana', reason: undefined },
    })
  side.isFull = true
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 10; index++) hold(index)
    history.learn(lost(0, 1))
    await wait(1050)
  }
  assert.equal(logs.length, 1)
  assert.match(logs[0]!, /the history is not kept.*no room/)
  side.isFull = false
  hold(77)
  await wait(1100)
  hold(78)
  const { data } = await history.events({ limit: 10 })
  await wait(1100)
  const after = await history.events({ kinds: ['history.gap'], limit: 10 })
  assert.ok(data.some(row => row.clientId === 'h-77'))
  assert.ok(Number(after.data[0]?.data['rows']) >= 30)
  assert.match(logs[1]!, /the history is kept again/)
  assert.equal(logs.length, 2)
  await history.close()
  const [count] = await side.read("SELECT count FROM history_loss_count WHERE clientId = 'c-0'")
  assert.equal(count?.['count'], 3, 'counts are written again')
  await side.close()
})

test('a mistake in the history is not the broker\u2019s', async () => {
  const side = await inMemory()
  const logs: string[] = []
  const log = createLog({ level: 'debug', format: 'json', write: line => logs.push(line), now: () => 0 })
  const history = new History({
    clock,
    log,
    find: () => {
      throw new Error('a mistake')
    },
    look: async () => undefined,
    read: (): Reading => ({}) as Reading,
    happened: () => undefined,
    conflictChanged: () => undefined,
  })
  for (let index = 0; index < 3; index++) {
    history.learn({ kind: 'held', at: 0, clientId: 'a', until: 0, by: undefined })
  }
  assert.equal(logs.length, 1)
  await side.close()
})
