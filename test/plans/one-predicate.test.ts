// For random sessions and filters: what is listed, counted, exported, planned and executed is the same.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFilter } from '../../shared/filter-grammar.ts'
import { SeededRandom } from '../fuzz/seeded-random.ts'
import { RawClient } from '../harness/raw-client.ts'
import { persistent } from '../harness/sessions.ts'
import { planStageForFile } from './stage.ts'

const stage = planStageForFile()
const { broker } = stage

/** Sessions of all kinds; returns those that are connected. */
async function sessions(random: SeededRandom, count: number): Promise<readonly RawClient[]> {
  const connected: RawClient[] = []
  for (let at = 0; at < count; at++) {
    const clientId = `${random.pick(['web', 'bus', 'tv'])}-${at}`
    const properties = { sessionExpiryInterval: random.pick([60, 600, 86_400, 0xffffffff]) }
    const isPassing = random.once(8)
    const client = await RawClient.connected(
      broker,
      isPassing ? { clientId, clean: true } : persistent(clientId, properties),
    )
    for (const filter of random.list(3, () => random.pick(['a', 'b/+', 'c/#'])))
      await client.subscribe(filter, 1)
    if (isPassing || random.once(4)) connected.push(client)
    else await client.disconnect()
  }
  for (const topic of random.list(8, () => random.pick(['a', 'b/x', 'c/y/z'])))
    await stage.publish(topic, 'm')
  return connected
}

function randomFilter(random: SeededRandom): string {
  const terms = [
    `id:${random.pick(['web', 'bus', 'tv', '*'])}-*`,
    `state:${random.pick(['online', 'offline', 'waiting'])}`,
    `queued>=${random.below(4)}`,
    `subs:${random.below(3)}`,
    `expires<${random.pick(['2m', '1h', '2d'])}`,
    'expires:never',
    `offline>${random.pick(['10s', '1h'])}`,
    `sub:${random.pick(['a', 'b/+'])}`,
    'full<1%',
    'clean:false',
  ]
  return random.list(3, () => `${random.once(4) ? '-' : ''}${random.pick(terms)}`).join(' ')
}

test('list = count = export = plan = executed', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = new SeededRandom(seed)
    const connected = await sessions(random, 30)
    broker.leap(random.pick([0, 15_000]))
    for (let round = 0; round < 6; round++) {
      const text = randomFilter(random)
      const why = `seed ${seed}, ${text}`
      const filter = parseFilter(text)
      assert.ok(filter.at === 'filter', why)
      const { table } = broker
      const page = await table.page({ filter, sort: { key: 'id', descending: false }, limit: 1_000 })
      const count = await table.count(filter)
      const walk = await table.rows(filter)
      assert.ok(page.at === 'found' && count.at === 'found' && walk.at === 'found')
      const listed = page.rows.map(row => row.clientId).sort()
      const exported: string[] = []
      for await (const batch of walk.batches) exported.push(...batch.map(row => row.clientId))
      const action = random.pick(['hold', 'clear-queue', 'clean'] as const)
      const plan = await stage.plan({ action, filter: text, options: { ratePerSecond: 10_000 } })
      assert.equal(count.count, listed.length, why)
      assert.deepEqual(exported.sort(), listed, why)
      assert.equal(plan.count, listed.length, why)
      if (plan.count === 0) continue
      const operation = await stage.ended(await stage.begin(plan))
      const items = await stage.items(operation)
      assert.deepEqual(items.map(item => item.clientId).sort(), listed, why)
      assert.deepEqual([operation.ok, operation.skipped, operation.failed], [listed.length, 0, 0], why)
      for (const clientId of listed) {
        if (action === 'clean') assert.equal(broker.parts.registry.get(clientId), undefined, why)
        if (action === 'hold') assert.ok(broker.parts.holds.find(clientId), why)
      }
      if (operation.undo.items > 0) await stage.undo(operation)
    }
    await stage
      .execute({ action: 'clean', filter: '', options: { ratePerSecond: 10_000 } })
      .catch(() => undefined)
    for (const client of connected) client.destroy()
  }
})
