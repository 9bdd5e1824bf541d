// What was buried, as the tools see it: counted, never left over, left out of an export, set aside where damaged.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { embeddedStore } from '../../harness/embedded-store.ts'
import {
  cli,
  exported,
  flipBit,
  messageLine,
  sessionLine,
  temporaryDirectory,
  withTables,
} from '../../harness/store-files.ts'
import { buryMessages, burySession, restored } from '../contract/burials.ts'
import { messages } from '../contract/messages.ts'
import { receiver, Subject, safe } from '../contract/subject.ts'

/**
 * Session a is buried as `session` and there anew; of what others have as well, b has messages 1 and 2 buried as
 * `messages`, 4 back in its queue behind its cursor, and 3 and 5 settled.
 */
async function buried(): Promise<string> {
  const directory = temporaryDirectory()
  const subject = await Subject.open(embeddedStore(directory))
  const [a, b, c] = [await subject.lease('a'), await subject.lease('b'), await subject.lease('c')]
  for (const one of messages('1', '2', '3', '4', '5'))
    await subject.append(one, receiver(a.queue), receiver(b.queue), receiver(c.queue))
  await buryMessages(subject, b.queue, ['1', '2'], 'messages')
  await buryMessages(subject, b.queue, ['4'], 'four')
  await subject.acknowledge(b, ...(await subject.fetchEntries(b)))
  await restored(subject, 'four')
  await burySession(subject, a.queue, 'session')
  await subject.attach('a')
  await subject.close()
  return directory
}

interface Report {
  readonly counts: Readonly<Record<string, number>>
  readonly findings: readonly { readonly severity: string; readonly kind: string; readonly key: string }[]
  readonly damagedLeft: number
}

async function check(directory: string, ...flags: readonly string[]) {
  const { code, out } = await cli('store', 'check', '--json', '--data-dir', directory, ...flags)
  const { counts, findings, damagedLeft } = JSON.parse(out) as Report
  return { code, counts, damagedLeft, found: findings.map(one => `${one.severity} ${one.kind} ${one.key}`) }
}

/** What the next broker finds: sessions with what they are owed, and tombstones. */
async function reopened(directory: string, damaged: readonly string[] = []) {
  const reported: string[] = []
  const subject = await Subject.open(embeddedStore(directory, one => reported.push(one.kind)))
  const sessions = subject.recovered.map(({ lease: { queue } }) => `${queue.clientId} ${queue.messages}`)
  const tombstones = [...subject.store.tombstones()].map(one => `${one.id} ${one.messages}`)
  await subject.close()
  assert.deepEqual(reported, damaged)
  return { sessions: sessions.sort(), tombstones }
}

const WHOLE = { sessions: ['a 0', 'b 1', 'c 5'], tombstones: ['messages 2', 'session 5'] }

test('check counts what was buried, and takes nothing of it for damaged or left over', async () => {
  const directory = await buried()
  const { code, counts, found } = await check(directory)
  assert.deepEqual([code, found], [0, []])
  const { sessions, tombstones, buried: entries, waiting } = counts
  assert.deepEqual(
    { sessions, tombstones, entries, waiting },
    { sessions: 3, tombstones: 2, entries: 7, waiting: 6 },
  )
  await cli('store', 'compact', '--data-dir', directory)
  assert.deepEqual(await reopened(directory), WHOLE)
})

test('an export leaves out what was buried and says so, and an import is not in its way', async () => {
  const directory = await buried()
  const file = join(directory, 'out.jsonl')
  const { code, err } = await cli('store', 'export', '--data-dir', directory, '--output', file)
  assert.equal(code, 0)
  assert.match(err, /^Exported 3 sessions, 6 messages, 0 retained messages\.$/m)
  assert.match(err, /^Left out, because an operator has taken it away: 2 tombstones\.$/m)
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  const payloads = lines.filter(line => line.kind === 'message').map(line => [line.number, line.receivers])
  assert.deepEqual(payloads, [
    [4, 2],
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 1],
  ])

  withTables(directory, database => database.exec('DELETE FROM session WHERE number = 4'))
  writeFileSync(file, exported([sessionLine('a'), messageLine(1)]))
  const imported = await cli('store', 'import', file, '--data-dir', directory)
  assert.equal(imported.code, 0, imported.err)
  assert.deepEqual(await reopened(directory), { ...WHOLE, sessions: ['a 1', 'b 1', 'c 5'] })
})

for (const [name, damage, key] of [
  [
    'a bit wrong',
    (directory: string) => flipBit(directory, 'tombstone', 'record', "id = 'session'"),
    'session',
  ],
  [
    'another id than its row',
    (directory: string) =>
      withTables(directory, database => database.exec("UPDATE tombstone SET id = 'x' WHERE id = 'session'")),
    'x',
  ],
] as const) {
  test(`a session whose tombstone has ${name} does not come back by itself`, async () => {
    const directory = await buried()
    damage(directory)
    assert.deepEqual((await check(directory)).found, [`damaged tombstone ${key}`, 'damaged session a'])
    assert.equal((await check(directory, '--repair')).damagedLeft, 0)
    assert.equal((await check(directory)).counts['setAside'], 2)
    assert.deepEqual(await reopened(directory), { ...WHOLE, tombstones: ['messages 2'] })
  })
}

test('a broker that finds a damaged tombstone sets it aside with its session, and tells', async () => {
  const directory = await buried()
  flipBit(directory, 'tombstone', 'record', "id = 'session'")
  const found = { ...WHOLE, tombstones: ['messages 2'] }
  assert.deepEqual(await reopened(directory, ['tombstone']), found)
  assert.deepEqual(await reopened(directory), found)
  assert.equal((await check(directory)).counts['setAside'], 2)
})

test('messages whose tombstone is damaged are owed again unless their queue has gone past them', async () => {
  const directory = await buried()
  flipBit(directory, 'tombstone', 'seqs', "id = 'messages'")
  assert.deepEqual(await reopened(directory, ['tombstone']), { ...WHOLE, tombstones: ['session 5'] })
})

test('a tombstone without its session is left over, and goes', async () => {
  const directory = await buried()
  withTables(directory, database => database.exec('DELETE FROM session WHERE number = 1'))
  assert.deepEqual((await check(directory)).found.slice(0, 1), ['left-over tombstone session'])
  await cli('store', 'compact', '--data-dir', directory)
  assert.deepEqual((await check(directory)).found, [])
})

test('nothing is left in the file of what was buried and purged', async () => {
  const directory = await buried()
  const subject = await Subject.open(embeddedStore(directory))
  for (const { id } of [...subject.store.tombstones()]) await safe(subject.store.purge(id))
  const four = await subject.lease('b')
  await subject.acknowledge(four, ...(await subject.fetchEntries(four)))
  for (const { lease } of subject.recovered) await subject.end(lease.queue)
  await subject.close()
  const tables = ['session', 'message', 'tombstone', 'returned', 'subscription', 'sending', 'receiving']
  const rows = withTables(directory, database =>
    tables.map(table => [table, database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count']]),
  )
  assert.deepEqual(
    rows,
    tables.map(table => [table, 0]),
  )
})
