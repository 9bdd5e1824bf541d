// `store check`: what it counts, what damage it finds, and that --repair takes that and nothing else away.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  cli,
  flipBit,
  messageLine,
  retainedLine,
  sessionLine,
  storeOf,
  temporaryDirectory,
  withTables,
} from '../../harness/store-files.ts'

const lines = [
  sessionLine('a', { sending: [{ packetId: 5, message: 2, at: 'published' }], receiving: [9] }),
  messageLine(1),
  messageLine(2, { qos: 2, deliverQos: 2, receivers: 2 }),
  sessionLine('b'),
  messageLine(2, { qos: 2, deliverQos: 1, receivers: 2 }),
  messageLine(3),
  retainedLine('r/1'),
  retainedLine('r/2'),
]

function change(directory: string, sql: string): void {
  withTables(directory, database => database.exec(sql))
}

interface Report {
  readonly counts: Readonly<Record<string, number>>
  readonly findings: readonly {
    readonly severity: string
    readonly kind: string
    readonly key: string
    readonly problem: string
  }[]
  readonly mended?: number
  readonly damagedLeft: number
}

async function check(directory: string, ...flags: readonly string[]) {
  const { code, out } = await cli('store', 'check', '--json', '--data-dir', directory, ...flags)
  return { code, ...(JSON.parse(out) as Report) }
}

test('a whole store: counts, no findings, exit code 0', async () => {
  const directory = await storeOf(lines)
  const { code, counts, findings } = await check(directory)
  assert.equal(code, 0)
  assert.deepEqual(findings, [])
  assert.deepEqual(counts, {
    sessions: 2,
    subscriptions: 2,
    messages: 3,
    messageBytes: 3 * ('t/1'.length + 'payload 1'.length),
    waiting: 4,
    tombstones: 0,
    buried: 0,
    retained: 2,
    retainedBytes: counts['retainedBytes'],
    cursorsAtEnd: 0,
    setAside: 0,
  })
  const { out } = await cli('store', 'check', '--data-dir', directory)
  assert.match(out, /^ {2}sessions {2}2 \(2 subscriptions\)$/m)
  assert.match(out, /^Nothing is damaged\.$/m)
})

/** What is done to the store, and what is found: severity, kind, key, part of the problem. */
const damages: readonly (readonly [
  name: string,
  damage: (directory: string) => void,
  severity: string,
  kind: string,
  key: string,
  problem: RegExp,
])[] = [
  [
    'a bit in a body',
    directory => flipBit(directory, 'message', 'body', 'seq = 2'),
    'damaged',
    'message',
    '2',
    /the body: the checksum does not match/,
  ],
  [
    'a bit in a list of receivers',
    directory => flipBit(directory, 'message', 'receivers', 'seq = 1'),
    'damaged',
    'message',
    '1',
    /the list of receivers: the checksum does not match/,
  ],
  [
    'a bit in a session record',
    directory => flipBit(directory, 'session', 'record', 'number = 1'),
    'damaged',
    'session',
    'a',
    /the checksum does not match/,
  ],
  [
    'the record of another session',
    directory => change(directory, "UPDATE session SET client_id = 'z' WHERE number = 2"),
    'damaged',
    'session',
    'z',
    /belongs to another client identifier/,
  ],
  [
    'a session that is there twice',
    directory =>
      change(
        directory,
        'INSERT INTO session SELECT 9, client_id, record, 0, NULL FROM session WHERE number = 1',
      ),
    'damaged',
    'session',
    'a',
    /a later session \(it is number 1\) has the same client identifier/,
  ],
  [
    'a cursor that cannot be',
    directory => change(directory, 'UPDATE session SET acked = -4 WHERE number = 2'),
    'damaged',
    'session',
    'b',
    /its cursor is -4/,
  ],
  [
    'exceptions that are cut off',
    directory => change(directory, "UPDATE session SET exceptions = x'0102' WHERE number = 2"),
    'damaged',
    'session',
    'b',
    /the exceptions to its cursor are cut off/,
  ],
  [
    'a body of another topic among the retained messages',
    directory => change(directory, "UPDATE retained SET topic = 'r/9' WHERE topic = 'r/2'"),
    'damaged',
    'retained',
    'r/9',
    /belongs to another topic/,
  ],
  [
    'a wrong size',
    directory => change(directory, 'UPDATE message SET size = 1 WHERE seq = 3'),
    'damaged',
    'message',
    '3',
    /its size is said to be 1, and is 12/,
  ],
  [
    'a wrong expiry',
    directory => change(directory, 'UPDATE message SET expires_at = 5 WHERE seq = 3'),
    'damaged',
    'message',
    '3',
    /said to expire at another time/,
  ],
  [
    'a topic filter that is none',
    directory => change(directory, "UPDATE subscription SET topic_filter = 't/#/x' WHERE number = 1"),
    'damaged',
    'subscription',
    '1 t/#/x',
    /wildcard|#/,
  ],
  [
    'QoS 2 state without its message',
    directory => change(directory, 'UPDATE sending SET seq = 77'),
    'damaged',
    'sending',
    '1 5',
    /its message 77 is not there/,
  ],
  [
    'QoS 2 state for a message to somebody else',
    directory => change(directory, 'UPDATE sending SET seq = 3'),
    'damaged',
    'sending',
    '1 5',
    /its message 3 is not meant for this session/,
  ],
  [
    'a packet identifier that is none',
    directory => change(directory, 'UPDATE receiving SET packet_id = 70000'),
    'damaged',
    'receiving',
    '1 70000',
    /its packet identifier is 70000/,
  ],
  [
    'a subscription without a session',
    directory => change(directory, "INSERT INTO subscription VALUES (44, 'x', 1, 0)"),
    'left-over',
    'subscription',
    '44 x',
    /there is no session 44/,
  ],
  [
    'a message that nobody waits for',
    directory => change(directory, 'UPDATE session SET acked = 1 WHERE number = 1'),
    'left-over',
    'message',
    '1',
    /no session waits for it/,
  ],
]

for (const [name, damage, severity, kind, key, problem] of damages) {
  test(`finds ${name}, and --repair takes it away`, async () => {
    const directory = await storeOf(lines)
    damage(directory)
    const found = await check(directory)
    const [first] = found.findings
    assert.deepEqual([first?.severity, first?.kind, first?.key], [severity, kind, key])
    assert.match(first?.problem ?? '', problem)
    assert.equal(found.code, severity === 'damaged' ? 1 : 0)
    assert.equal(found.findings.filter(one => one.severity === 'damaged').length, found.damagedLeft)

    const repaired = await check(directory, '--repair')
    assert.deepEqual(repaired.findings, found.findings)
    assert.equal(repaired.code, 0)
    assert.equal(repaired.mended, found.findings.length)
    const after = await check(directory)
    assert.equal(after.code, 0)
    // A message of a session that was set aside is kept, and told.
    for (const finding of after.findings)
      assert.match(finding.problem, /kept for a session that was set aside/)
  })
}

test('what is set aside can be looked at, and the rest is as it was', async () => {
  const directory = await storeOf(lines)
  flipBit(directory, 'message', 'body', 'seq = 2')
  flipBit(directory, 'session', 'record', 'number = 2')
  flipBit(directory, 'retained', 'body', "topic = 'r/1'")
  const { counts } = await check(directory, '--repair')
  assert.deepEqual(
    [counts['sessions'], counts['messages'], counts['retained'], counts['waiting'], counts['setAside']],
    [1, 2, 1, 1, 4],
  )
  const kept = withTables(directory, database =>
    database.prepare('SELECT kind, key, length(content) > 0 AS has FROM damaged ORDER BY kind').all(),
  )
  assert.deepEqual(
    kept.map(row => Object.values(row)),
    [
      ['message', '2', 1],
      ['retained', 'r/1', 1],
      ['session', '2 b', 1],
      ['subscription', '2 t/#', 1],
    ],
  )
})

test('a store that is not there, or a flag that is not known, is told', async () => {
  const directory = temporaryDirectory()
  const missing = await cli('store', 'check', '--data-dir', directory)
  assert.equal(missing.code, 1)
  assert.match(missing.err, /^there is no store at .*holdfast\.db\n$/)
  assert.equal((await cli('store', 'check', '--jsn')).code, 2)
  const extra = await cli('store', 'check', directory)
  assert.equal(extra.code, 2)
  assert.match(extra.err, /one argument too many/)
})
