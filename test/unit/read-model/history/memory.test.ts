import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Conflicts } from '../../../../server/read-model/history/conflicts.ts'
import { Losses } from '../../../../server/read-model/history/losses.ts'
import { MinuteReadings } from '../../../../server/read-model/history/minute-readings.ts'
import { openMemory } from '../../../../server/read-model/history/open-memory.ts'
import { type Reading, Series } from '../../../../server/read-model/history/series.ts'
import { countStatements, stateStatement } from '../../../../server/read-model/history/statements.ts'
import type { SideDatabase } from '../../../../server/store/side/side-database.ts'
import { seriesNames } from '../../../../shared/history.ts'
import { numberOf, sideForTest } from './side-for-test.ts'

const MINUTE = 60_000
const START = 30_000_000 * MINUTE

function memoryOf(side: SideDatabase, now: number, generation = 'g') {
  const losses = new Losses(async () => undefined)
  const series = new Series()
  const given = {
    now,
    find: (clientId: string) => (clientId === 'gone' ? undefined : { generation, isKept: true }),
    losses,
    conflicts: new Conflicts({ changed: () => undefined }),
    series,
  }
  return { losses, series, opened: openMemory(side, given) }
}

test('readings of an earlier process are the means of its minutes, and there is a gap where it was down', async () => {
  const side = await sideForTest()
  const minutes = new MinuteReadings()
  for (let index = 1; index <= 40; index++) {
    const reading = Object.fromEntries(seriesNames.map(name => [name, name === 'sessions' ? index : 0]))
    await side.write(minutes.learn(START + index * 15_000, reading as Reading))
  }
  const { series, opened } = memoryOf(side, START + 20 * MINUTE)
  await opened
  const [sessions] = series.read(['sessions'], START, START + 20 * MINUTE, MINUTE)
  assert.deepEqual(sessions?.points.slice(1, 11), [6.5, 10.5, 14.5, 18.5, 22.5, 26.5, 30.5, 34.5, 38.5, null])
})

test('readings that are older than a day go', async () => {
  const side = await sideForTest()
  const minutes = new MinuteReadings()
  const reading = Object.fromEntries(seriesNames.map(name => [name, 0])) as Reading
  for (let index = 1; index <= 4 * 1500; index++)
    await side.write(minutes.learn(START + index * 15_000, reading))
  const rows = await numberOf(side, '(SELECT count(*) FROM history_reading)')
  assert.ok(rows >= 1440 && rows <= 1441, `${rows} rows`)
})

test('losses of a session that is another one by now, or gone, are forgotten', async () => {
  const side = await sideForTest()
  const losses = new Losses(async () => undefined)
  const lost = { kind: 'message-lost', at: START, reason: 'expired', seq: undefined } as const
  const message = { topic: 't', publisher: 'p', qos: 1, size: 10 }
  for (const clientId of ['stays', 'other', 'gone']) losses.learn({ ...lost, ...message, clientId })
  const generationOf = (clientId: string) => ({
    generation: clientId === 'other' ? 'old' : 'g',
    isKept: true,
  })
  await side.write(countStatements(losses.takeDirty(10), generationOf))
  const after = memoryOf(side, START)
  await after.opened
  assert.equal(after.losses.find('stays')?.dropped, 1)
  assert.equal(after.losses.find('other'), undefined)
  assert.equal(after.losses.find('gone'), undefined)
  assert.equal(await numberOf(side, '(SELECT count(*) FROM history_loss_count)'), 1)
})

test('counts of more sessions than are read at a time come back, each once', async () => {
  const side = await sideForTest()
  const losses = new Losses(async () => undefined)
  for (let index = 0; index < 6000; index++) {
    for (const reason of ['expired', 'queue-full']) {
      const message = { topic: 't', publisher: 'p', qos: 1, size: 10, seq: undefined }
      losses.learn({ kind: 'message-lost', at: START, clientId: `c-${index}`, reason, ...message })
    }
  }
  await side.write(countStatements(losses.takeDirty(10_000), () => ({ generation: 'g', isKept: true })))
  const after = memoryOf(side, START)
  await after.opened
  for (let index = 0; index < 6000; index++) assert.equal(after.losses.find(`c-${index}`)?.dropped, 2)
})

test('how long the broker was down is counted from when it was stopped, or last wrote', async () => {
  const side = await sideForTest()
  assert.deepEqual((await memoryOf(side, START).opened).restart, { first: true })
  await side.write([stateStatement('alive-at', START)])
  assert.deepEqual((await memoryOf(side, START + MINUTE).opened).restart, {
    downMs: MINUTE,
    wasStopped: false,
  })
  await side.write([stateStatement('stopped-at', START + 30_000)])
  assert.deepEqual((await memoryOf(side, START + MINUTE).opened).restart, {
    downMs: 30_000,
    wasStopped: true,
  })
  const clockWasSetBack = await memoryOf(side, START).opened
  assert.deepEqual(clockWasSetBack.restart, { downMs: 0, wasStopped: true })
})
