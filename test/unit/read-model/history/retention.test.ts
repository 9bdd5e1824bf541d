import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CLIENT_ROWS_MAX,
  CLIENT_ROWS_SPARE,
  CLIENT_SAMPLES_MAX,
  SAMPLES_MAX,
} from '../../../../server/read-model/history/limits.ts'
import { ClientLosses, type LostSample } from '../../../../server/read-model/history/losses.ts'
import { Retention } from '../../../../server/read-model/history/retention.ts'
import { rowStatements, sampleStatements } from '../../../../server/read-model/history/statements.ts'
import { Timeline } from '../../../../server/read-model/history/timeline.ts'
import type { SideDatabase } from '../../../../server/store/side/side-database.ts'
import { numberOf, sideForTest } from './side-for-test.ts'

const START = 1_800_000_000_000
const DAY = 86_400_000
const HOUR = 3_600_000

interface Rows {
  readonly count: number
  readonly clientId: (index: number) => string
  readonly at?: (index: number) => number
  readonly isPassing?: boolean
}

class Writer {
  readonly side: SideDatabase
  readonly #timeline = new Timeline()

  constructor(side: SideDatabase) {
    this.side = side
  }

  async write({ count, clientId, at = index => index, isPassing = false }: Rows): Promise<void> {
    for (let index = 0; index < count; index++) {
      const happening = {
        kind: 'hold',
        at: START + at(index),
        clientId: clientId(index),
        generation: 'g',
        actor: 'ana',
        data: { index },
      } as const
      this.#timeline.add(happening, isPassing)
      if (index % 1000 === 999 || index === count - 1) {
        await this.side.write(rowStatements(this.#timeline.take(1000), 0))
      }
    }
  }
}

test('of a client the latest 500 are kept, of others nothing goes', async () => {
  const side = await sideForTest()
  const writer = new Writer(side)
  await writer.write({ count: 10, clientId: () => 'quiet' })
  await writer.write({ count: 3000, clientId: index => (index % 3 === 0 ? 'loud' : `c-${index % 500}`) })
  const loud = "history_event WHERE client = (SELECT id FROM history_client WHERE clientId = 'loud')"
  const count = await numberOf(side, `(SELECT count(*) FROM ${loud})`)
  assert.ok(count >= CLIENT_ROWS_MAX && count <= CLIENT_ROWS_MAX + CLIENT_ROWS_SPARE + 334, `${count} rows`)
  assert.equal(await numberOf(side, `(SELECT max(data ->> 'index') FROM ${loud})`), 2997)
  assert.equal(await numberOf(side, '(SELECT count(*) FROM history_event)'), 2010 + count)
})

test('what is older than the age goes, with clients that have nothing else', async () => {
  const side = await sideForTest()
  const writer = new Writer(side)
  await writer.write({ count: 5000, clientId: index => `old-${index}` })
  await writer.write({ count: 100, clientId: index => `old-${index}`, at: () => 10 * DAY })
  const retention = new Retention(side, { rowsMax: 1_000_000, ageMs: 5 * DAY })
  await retention.open()
  await retention.tidy(START + 10 * DAY)
  assert.equal(await numberOf(side, '(SELECT count(*) FROM history_event)'), 100)
  assert.equal(await numberOf(side, '(SELECT count(*) FROM history_client)'), 100)
})

test('beyond the ceiling the oldest go, whoever they belong to', async () => {
  const side = await sideForTest()
  const writer = new Writer(side)
  const retention = new Retention(side, { rowsMax: 4000, ageMs: DAY })
  await retention.open()
  await writer.write({ count: 6000, clientId: index => `c-${index % 1000}` })
  retention.wrote(6000, 0, 0)
  await retention.tidy(START)
  const kept = await numberOf(side, '(SELECT count(*) FROM history_event)')
  assert.ok(kept <= 4000 && kept > 3800, `${kept} rows`)
  assert.equal(await numberOf(side, "(SELECT max(data ->> 'index') FROM history_event)"), 5999)
  assert.equal(await numberOf(side, "(SELECT min(data ->> 'index') FROM history_event)"), 6000 - kept)
})

test('sessions that end with their connection push out each other, not those that stay', async () => {
  const side = await sideForTest()
  const writer = new Writer(side)
  const retention = new Retention(side, { rowsMax: 4000, ageMs: DAY })
  await retention.open()
  await writer.write({ count: 1000, clientId: index => `kept-${index}` })
  await writer.write({ count: 10_000, clientId: index => `passing-${index}`, isPassing: true })
  retention.wrote(11_000, 10_000, 0)
  await retention.tidy(START)
  assert.equal(await numberOf(side, '(SELECT count(*) FROM history_event WHERE passing = 0)'), 1000)
  const passing = await numberOf(side, '(SELECT count(*) FROM history_event WHERE passing = 1)')
  assert.ok(passing <= 1000 && passing > 900, `${passing} rows`)
})

function sample(clientId: string, at: number): LostSample {
  return {
    at: START + at,
    clientId,
    reason: 'expired',
    topic: 't',
    publisher: 'p',
    qos: 1,
    size: 1,
    actor: undefined,
    isLooking: false,
  }
}

test('the ledger keeps 200 of a session and 100,000 in all, and none that is too old', async () => {
  const side = await sideForTest()
  const retention = new Retention(side, { rowsMax: 1000, ageMs: DAY })
  await retention.open()
  const losses = new ClientLosses('one')
  const find = () => undefined
  for (let round = 0; round < 20; round++) {
    const samples = Array.from({ length: 100 }, (_, index) => sample('one', round * 100 + index))
    await side.write(sampleStatements(samples, () => losses, find))
  }
  const one = await numberOf(side, "(SELECT count(*) FROM history_lost WHERE clientId = 'one')")
  assert.ok(one >= CLIENT_SAMPLES_MAX && one <= CLIENT_SAMPLES_MAX + 100, `${one} rows`)
  const many = 104_000
  for (let from = 0; from < many; from += 4000) {
    const samples = Array.from({ length: 4000 }, (_, index) => sample(`c-${from + index}`, from))
    await side.write(sampleStatements(samples, clientId => new ClientLosses(clientId), find))
  }
  retention.wrote(0, 0, 2000 + many)
  await retention.tidy(START)
  assert.equal(await numberOf(side, '(SELECT count(*) FROM history_lost)'), SAMPLES_MAX)
  await retention.tidy(START + DAY + HOUR)
  assert.ok((await numberOf(side, '(SELECT count(*) FROM history_lost)')) < SAMPLES_MAX)
})
