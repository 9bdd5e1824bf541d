// The audit: records in a chain, searched, verified, cut, and found out when somebody changes them.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { AuditLog } from '../../../../server/admin/audit/audit-log.ts'
import { openSide, type SideDatabase } from '../../../../server/store/side/side-database.ts'
import type { AuditEntry } from '../../../../shared/audit.ts'
import { temporaryDirectory } from '../../../harness/store-files.ts'

async function open(directory?: string): Promise<{ side: SideDatabase; audit: AuditLog }> {
  const side = await openSide({ dataDirectory: directory, fatal: message => assert.fail(message) })
  after(() => side.close())
  const audit = new AuditLog(side)
  await audit.open()
  return { side, audit }
}

function entry(target: string, fields: Partial<AuditEntry> = {}): AuditEntry {
  return {
    at: '2026-11-26T12:00:00.000Z',
    actor: { kind: 'user', name: 'ana', role: 'operator' },
    address: '10.1.2.3',
    requestId: '01M',
    verb: 'session.clean',
    target,
    reason: 'ticket 4411',
    result: 'done',
    detail: { messages: 912, subscriptions: 4 },
    ...fields,
  }
}

test('records are numbered, chained, and there after a restart', async () => {
  const directory = temporaryDirectory()
  const first = await open(directory)
  const written = await Promise.all(['a', 'b', 'c'].map(target => first.audit.append(entry(target))))
  assert.deepEqual(
    written.map(one => one.sequence),
    [1, 2, 3],
  )
  assert.equal(written[1]?.previousHash, written[0]?.hash)
  await first.side.close()
  const { audit } = await open(directory)
  const fourth = await audit.append(entry('d'))
  assert.equal(fourth.previousHash, written[2]?.hash)
  assert.deepEqual((await audit.search({}, 10)).toReversed().slice(0, 3), written)
  assert.deepEqual(await audit.verify(), {
    intact: true,
    records: 4,
    firstSequence: 1,
    lastSequence: 4,
    lastHash: fourth.hash,
    brokenAt: null,
    why: null,
  })
})

const tamperings = [
  ["UPDATE audit SET target = 'z' WHERE sequence = 2", 2, 'its content was changed'],
  ['UPDATE audit SET reason = NULL WHERE sequence = 3', 3, 'its content was changed'],
  ["UPDATE audit SET detail = '{}' WHERE sequence = 1", 1, 'its content was changed'],
  ['DELETE FROM audit WHERE sequence = 2', 3, 'record 2 is missing'],
  ['DELETE FROM audit WHERE sequence = 4', 4, 'the newest records are missing'],
  ["UPDATE audit SET previous_hash = 'x' WHERE sequence = 4", 4, 'it does not follow the record before it'],
] as const

for (const [sql, brokenAt, why] of tamperings) {
  test(`is found out: ${sql}`, async () => {
    const { side, audit } = await open()
    for (const target of ['a', 'b', 'c', 'd']) await audit.append(entry(target))
    await side.write([[sql]])
    const found = await audit.verify()
    assert.deepEqual([found.intact, found.brokenAt, found.why], [false, brokenAt, why])
  })
}

test('is searched by actor, verb, target, result and time, the newest first', async () => {
  const { audit } = await open()
  await audit.append(entry('a'))
  await audit.append(entry('b', { verb: 'session.expire', at: '2026-11-26T13:00:00.000Z' }))
  await audit.append(
    entry('', { verb: 'login', result: 'refused', actor: { kind: 'none', name: 'bo', role: null } }),
  )
  await audit.append(entry("'; DROP TABLE audit; --"))
  const targets = async (search: Parameters<AuditLog['search']>[0]): Promise<string[]> =>
    (await audit.search(search, 10)).map(one => one.target)
  assert.deepEqual(await targets({ verb: 'session' }), ["'; DROP TABLE audit; --", 'b', 'a'])
  assert.deepEqual(await targets({ verb: 'session.clean' }), ["'; DROP TABLE audit; --", 'a'])
  assert.deepEqual(await targets({ actor: 'bo' }), [''])
  assert.deepEqual(await targets({ result: 'refused' }), [''])
  assert.deepEqual(await targets({ target: 'b' }), ['b'])
  assert.deepEqual(await targets({ from: '2026-11-26T12:30:00.000Z' }), ['b'])
  assert.deepEqual(await targets({ before: 2 }), ['a'])
})

async function cut(audit: AuditLog, limits: Parameters<AuditLog['beyond']>[0]): Promise<number | undefined> {
  const through = await audit.beyond(limits)
  if (through === undefined) return undefined
  const detail = { throughSequence: through.sequence, hash: through.hash }
  await audit.append(entry('', { verb: 'audit.cut', at: '2027-01-01T00:00:00.000Z', detail }))
  await audit.cut(through)
  return through.sequence
}

test('what is cut off leaves a chain that can still be verified, and goes on', async () => {
  const { audit } = await open()
  for (let hour = 10; hour < 20; hour++)
    await audit.append(entry(`${hour}`, { at: `2026-11-26T${hour}:00:00.000Z` }))
  const byAge = { olderThan: '2026-11-26T14:30:00.000Z', recordsMax: 1_000 }
  assert.equal(await cut(audit, byAge), 5)
  assert.equal(await cut(audit, byAge), undefined)
  const found = await audit.verify()
  assert.deepEqual([found.intact, found.records, found.firstSequence], [true, 6, 6])
  assert.equal((await audit.append(entry('next'))).sequence, 12)
  assert.equal(await cut(audit, { olderThan: undefined, recordsMax: 3 }), 9)
  assert.deepEqual([(await audit.verify()).intact, (await audit.verify()).records], [true, 4])
})

test('is found out: old records removed without a record that says so', async () => {
  const { audit } = await open()
  for (const target of ['a', 'b', 'c']) await audit.append(entry(target))
  const [oldest] = (await audit.search({}, 3)).slice(-1)
  await audit.cut(oldest!)
  const found = await audit.verify()
  assert.deepEqual([found.intact, found.brokenAt], [false, 1])
})

test('is found out after a restart: the newest records are gone', async () => {
  const directory = temporaryDirectory()
  const { side, audit } = await open(directory)
  for (const target of ['a', 'b', 'c']) await audit.append(entry(target))
  await side.write([['DELETE FROM audit WHERE sequence = 3']])
  await side.close()
  const later = await open(directory)
  assert.equal((await later.audit.verify()).why, 'the newest records are missing')
  await later.audit.append(entry('d'))
  const found = await later.audit.verify()
  assert.deepEqual([found.intact, found.why], [false, 'record 3 is missing'])
})

test('what the disk refused is not in the chain, and the next record is', async () => {
  const { side, audit } = await open()
  await audit.append(entry('a'))
  await side.write([["CREATE TRIGGER refuse BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"]])
  await assert.rejects(audit.append(entry('b')), /full/)
  await side.write([['DROP TRIGGER refuse']])
  assert.equal((await audit.append(entry('c'))).sequence, 2)
  assert.equal((await audit.verify()).intact, true)
})

test('all that match can be read in pages', async () => {
  const { audit } = await open()
  await Promise.all(Array.from({ length: 2_500 }, (_, index) => audit.append(entry(`${index}`))))
  const sizes: number[] = []
  for await (const page of audit.each({ verb: 'session' })) sizes.push(page.length)
  assert.deepEqual(sizes, [1_000, 1_000, 500])
})
