// Metrics as text: each type, labels with anything in them, and what cannot be known.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { Buckets } from '../../../../server/admin/metrics/buckets.ts'
import type { Family } from '../../../../server/admin/metrics/family.ts'
import { register } from '../../../../server/admin/metrics/register.ts'
import { Tally } from '../../../../server/admin/metrics/tally.ts'
import { Exposition } from '../../../harness/exposition.ts'

async function textOf(...families: readonly Family[]): Promise<string> {
  const registry = new Registry()
  for (const family of families) register(registry, family)
  await registry.metrics()
  // Twice: what is read anew must replace what was read before.
  return registry.metrics()
}

test('a counter and a gauge are told as they are read, not added up', async () => {
  let reads = 0
  const text = await textOf(
    { type: 'counter', name: 'a_total', help: 'A.', read: () => ++reads },
    { type: 'gauge', name: 'b', help: 'B.', read: () => -1.5 },
  )
  assert.equal(
    text,
    '# HELP a_total A.\n# TYPE a_total counter\na_total 2\n\n# HELP b B.\n# TYPE b gauge\nb -1.5\n',
  )
})

test('what cannot be known has no sample', async () => {
  for (const type of ['counter', 'gauge'] as const) {
    const { samples, types } = new Exposition(
      await textOf({ type, name: 'a', help: 'A.', read: () => undefined }),
    )
    assert.deepEqual(samples, [])
    assert.equal(types.get('a'), type)
  }
})

test('labels may hold whatever a name may', async () => {
  const route = 'a"b\\c\nd,e="f"'
  const tally = new Tally([{ route: 'known' }])
  tally.add({ route })
  tally.add({ route })
  const family: Family = {
    type: 'counter',
    name: 'a_total',
    help: 'A.',
    labels: { route: 'R.' },
    read: () => tally.samples(),
  }
  const metrics = new Exposition(await textOf(family))
  assert.equal(metrics.value('a_total', { route }), 2)
  assert.equal(metrics.value('a_total', { route: 'known' }), 0)
})

test('a histogram has all that is below each bound in its bucket', async () => {
  const times = new Buckets([0.1, 1])
  for (const value of [0.05, 0.1, 0.5, 7]) times.record(value)
  const family: Family = {
    type: 'histogram',
    name: 'a_seconds',
    help: 'A.',
    labels: { kind: 'K.' },
    read: () => [times.distribution({ kind: 'x' })],
  }
  const { samples } = new Exposition(await textOf(family))
  assert.deepEqual(
    samples.map(({ name, labels, value }) => [name, labels['kind'], labels['le'], value]),
    [
      ['a_seconds_bucket', 'x', '0.1', 2],
      ['a_seconds_bucket', 'x', '1', 3],
      ['a_seconds_bucket', 'x', '+Inf', 4],
      ['a_seconds_sum', 'x', undefined, 7.65],
      ['a_seconds_count', 'x', undefined, 4],
    ],
  )
})
