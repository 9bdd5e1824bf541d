import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PageWriter } from '../../../../server/admin/items/pages.ts'
import { difference } from '../../../../server/admin/plans/difference.ts'
import { freeze } from '../../../../server/admin/plans/freeze.ts'
import type { Member } from '../../../../server/admin/plans/member.ts'
import { MemberColumns } from '../../../../server/admin/plans/member-columns.ts'
import { Totals } from '../../../../server/admin/plans/totals.ts'
import { Slices } from '../../../../server/admin/slices.ts'
import { SeededRandom } from '../../../fuzz/seeded-random.ts'
import { randomKey, randomMember, sideForTest } from './random-members.ts'

function columnsOf(members: readonly Member[]): MemberColumns {
  const columns = new MemberColumns()
  for (const member of members) columns.add(member)
  return columns
}

function names(members: readonly Member[]): ReadonlySet<string> {
  return new Set(
    members
      .filter(one => one.blocked === undefined)
      .map(one => `${one.key} ${one.generation === '' ? one.since : one.generation}`),
  )
}

test('the difference is what a comparison of sets says, for random lists', async () => {
  const side = await sideForTest()
  for (let seed = 1; seed <= 60; seed++) {
    const random = new SeededRandom(seed)
    const made = new Map(
      random.list(700, () => randomMember(random, randomKey(random, 300))).map(one => [one.key, one]),
    )
    const before = [...made.values()]
    const changed = new Map(made)
    for (const key of made.keys()) if (random.once(8)) changed.delete(key)
    for (const key of made.keys()) if (random.once(8)) changed.set(key, randomMember(random, key))
    for (const member of random.list(30, () => randomMember(random, randomKey(random, 300))))
      changed.set(member.key, member)
    const list = `list${seed}`
    await freeze({
      columns: columnsOf(before),
      head: { action: 'clean', filter: '', options: {}, override: [] },
      totals: new Totals('clean', () => ''),
      writer: new PageWriter(side, list),
      slices: new Slices(),
    })
    const now = [...changed.values()]
    const { added, gone } = await difference({ side, list }, columnsOf(now), new Slices())
    const [then, later] = [names(before), names(now)]
    assert.equal(added.count, [...later].filter(name => !then.has(name)).length, `added, seed ${seed}`)
    assert.equal(gone.count, [...then].filter(name => !later.has(name)).length, `gone, seed ${seed}`)
    assert.equal(added.sample.length, Math.min(20, added.count))
    for (const key of gone.sample) assert.ok(made.has(key))
  }
})
