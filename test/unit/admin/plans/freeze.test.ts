import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import {
  allLines,
  dropList,
  PAGE_ITEMS,
  PageWriter,
  readMembers,
} from '../../../../server/admin/items/pages.ts'
import type { DigestHead } from '../../../../server/admin/plans/digest.ts'
import { freeze } from '../../../../server/admin/plans/freeze.ts'
import { lineOf, type Member, memberOf } from '../../../../server/admin/plans/member.ts'
import { MemberColumns } from '../../../../server/admin/plans/member-columns.ts'
import { Totals } from '../../../../server/admin/plans/totals.ts'
import { Slices } from '../../../../server/admin/slices.ts'
import type { SideDatabase } from '../../../../server/store/side/side-database.ts'
import { SeededRandom } from '../../../fuzz/seeded-random.ts'
import { randomKey, randomMember, sideForTest } from './random-members.ts'

const HEAD: DigestHead = { action: 'clean', filter: 'id:a*', options: { ratePerSecond: 200 }, override: [] }

async function frozen(side: SideDatabase, list: string, members: readonly Member[], head = HEAD) {
  const columns = new MemberColumns()
  for (const member of members) columns.add(member)
  const totals = new Totals(head.action, key => key.slice(0, 1))
  const { digest, items } = await freeze({
    columns,
    head,
    totals,
    writer: new PageWriter(side, list),
    slices: new Slices(),
  })
  return { digest, items, totals: totals.result({ windowMs: 900_000, bytesFree: 1e12 }, 0) }
}

/** What is kept of them, said simply: the last of each key, in the order of keys. */
function kept(members: readonly Member[]): readonly Member[] {
  const last = new Map(members.map(member => [member.key, member]))
  return [...last.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

test('a list is kept in the order of its keys, each once as it was seen last, and read back as it was', async () => {
  const side = await sideForTest()
  for (let seed = 1; seed <= 30; seed++) {
    const random = new SeededRandom(seed)
    const members = random.list(3_000, () => randomMember(random, randomKey(random, 4_000)))
    const { items } = await frozen(side, `list${seed}`, members)
    const wanted = kept(members)
    assert.equal(items, wanted.length, `seed ${seed}`)
    assert.deepEqual(await readMembers(side, `list${seed}`, 0, 10_000), wanted, `seed ${seed}`)
    const from = random.below(items + 10)
    const count = 1 + random.below(700)
    assert.deepEqual(
      await readMembers(side, `list${seed}`, from, count),
      wanted.slice(from, from + count),
      `seed ${seed}`,
    )
    const streamed: string[] = []
    for await (const lines of allLines(side, `list${seed}`)) streamed.push(...lines)
    assert.deepEqual(streamed.map(memberOf), wanted)
  }
})

test('the digest is that of action, options and list, and of nothing else', async () => {
  const side = await sideForTest()
  const random = new SeededRandom(7)
  const members = random.list(900, () => randomMember(random, randomKey(random, 4_000)), 600)
  const { digest } = await frozen(side, 'a', members)
  const shuffled = members
    .toReversed()
    .filter((one, at, all) => all.findIndex(other => other.key === one.key) === at)
  assert.equal(
    (await frozen(side, 'b', shuffled)).digest,
    digest,
    'the order in which they were met does not matter',
  )

  const head = '{"action":"clean","filter":"id:a*","options":{"ratePerSecond":200},"override":[]}'
  const text = [head, ...kept(members).map(lineOf)].join('\n')
  assert.equal(digest, `sha256:${createHash('sha256').update(text).digest('hex')}`, 'anybody can compute it')

  const one = members[0]!
  const others: readonly (readonly [readonly Member[], DigestHead])[] = [
    [members.slice(1).filter(member => member.key !== one.key), HEAD],
    [[...members, { ...one, messages: one.messages + 1 }], HEAD],
    [[...members, { ...one, generation: `${one.generation}x` }], HEAD],
    [members, { ...HEAD, action: 'expire' }],
    [members, { ...HEAD, filter: undefined }],
    [members, { ...HEAD, options: { ratePerSecond: 200, suppressWill: true } }],
    [members, { ...HEAD, override: ['a'] }],
  ]
  const digests = new Set([digest])
  for (const [index, [list, changed]] of others.entries())
    digests.add((await frozen(side, `c${index}`, list, changed)).digest)
  assert.equal(digests.size, 1 + others.length)
})

test('totals are those of a simple count', async () => {
  const side = await sideForTest()
  for (let seed = 1; seed <= 20; seed++) {
    const random = new SeededRandom(seed)
    const members = kept(random.list(400, () => randomMember(random, randomKey(random, 4_000))))
    const { totals } = await frozen(side, `totals${seed}`, members)
    const acted = members.filter(member => member.blocked === undefined)
    const sum = (of: (member: Member) => number) => acted.reduce((all, member) => all + of(member), 0)
    assert.equal(totals.count, acted.length)
    assert.equal(totals.blockedCount, members.length - acted.length)
    assert.equal(
      totals.messagesLost,
      sum(one => one.messages),
    )
    assert.equal(
      totals.bytesLost,
      sum(one => one.bytes),
    )
    assert.equal(
      totals.wills,
      sum(one => (one.will ? 1 : 0)),
    )
    assert.equal(
      totals.breakdown.online,
      sum(one => (one.connected ? 1 : 0)),
    )
    assert.equal(totals.breakdown.offline + totals.breakdown.online, totals.count)
    assert.deepEqual(
      totals.biggest.map(one => one.bytes),
      acted
        .map(one => one.bytes)
        .sort((a, b) => b - a)
        .slice(0, 5),
    )
    assert.equal(
      totals.blockedReasons.reduce((all, one) => all + one.count, 0),
      totals.blockedCount,
    )
    assert.equal(
      totals.undo.bytes,
      sum(one => 1024 + one.bytes + one.subscriptions * 256),
    )
    assert.ok(totals.prefixes.length <= 20)
    for (const item of [...totals.biggest, ...totals.sample, ...totals.blocked])
      assert.equal(members[item.number]?.key, item.clientId)
  }
})

test('a list that is dropped leaves nothing', async () => {
  const side = await sideForTest()
  const random = new SeededRandom(3)
  const many = Array.from({ length: PAGE_ITEMS * 3 + 1 }, (_, at) => randomMember(random, `k${at}`))
  await frozen(side, 'kept', many)
  await frozen(side, 'dropped', many)
  await dropList(side, 'dropped')
  assert.deepEqual(await readMembers(side, 'dropped', 0, 10_000), [])
  assert.equal((await readMembers(side, 'kept', 0, 10_000)).length, many.length)
})

test('a hundred thousand members never keep the event loop for long', async () => {
  const side = await sideForTest()
  const random = new SeededRandom(5)
  const columns = new MemberColumns()
  for (let count = 0; count < 100_000; count++)
    columns.add(randomMember(random, randomKey(random, 10_000_000)))
  const slices = new Slices()
  const totals = new Totals('clean', key => key.slice(0, 3))
  await freeze({ columns, head: HEAD, totals, writer: new PageWriter(side, 'many'), slices })
  // All of it takes more than half a second; what a slice takes above its five milliseconds is the machine's doing.
  assert.ok(slices.longestMs < 200, `the longest slice took ${slices.longestMs} ms`)
})
