// `store export` and `store import`: everything that a store holds comes back, and nothing is taken over by halves.

import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  base64,
  cli,
  exported,
  flipBit,
  messageLine,
  retainedLine,
  sessionLine,
  storeOf,
  TIME,
  temporaryDirectory,
  withTables,
} from '../../harness/store-files.ts'

type Line = Readonly<Record<string, unknown>>

const properties = Buffer.concat([
  Buffer.from([0x03, 0, 4]),
  Buffer.from('text'),
  Buffer.from([0x26, 0, 1]),
  Buffer.from('k'),
  Buffer.from([0, 2]),
  Buffer.from('\u00e9'),
]).toString('base64')

const will = {
  topic: 'wills/a',
  qos: 1,
  retain: true,
  properties,
  payload: base64('gone'),
  publisher: 'a',
  receivedAt: TIME,
  delaySeconds: 30,
  messageExpirySeconds: 60,
}

/** Everything that a store can hold, in the order in which it is exported. */
const everything: readonly Line[] = [
  sessionLine('a', {
    owner: 'ada',
    version: 512,
    connection: {
      protocolVersion: 4,
      cleanStart: false,
      keepAliveSeconds: 60,
      transport: 'websocket',
      address: '10.2.3.4',
      port: 50_000,
      origin: 'https://app.example',
      userAgent: 'Browser/1',
      path: '/mqtt',
    },
    expirySeconds: 3600,
    expirySource: 'operator',
    expiryPinned: true,
    expiresAt: '2026-03-01T13:00:00.000Z',
    subscriptions: [
      { topicFilter: '$share/g/t/#', qos: 1, noLocal: false, retainAsPublished: true, retainHandling: 2 },
      {
        topicFilter: '+/\u{1f600}',
        qos: 2,
        noLocal: true,
        retainAsPublished: false,
        retainHandling: 1,
        subscriptionIdentifier: 268_435_455,
      },
    ],
    will,
    willDueAt: '2026-03-01T12:00:30.000Z',
    sending: [
      { packetId: 65_535, message: 3, at: 'released' },
      { packetId: 4, message: 8, at: 'published' },
    ],
    receiving: [1, 9],
  }),
  messageLine(3, { qos: 2, deliverQos: 2, payload: '', properties, expiresAt: '2030-01-01T00:00:00.001Z' }),
  messageLine(7, {
    receivers: 2,
    subscriptionIdentifiers: [1, 268_435_455],
    deliverRetain: true,
    retain: true,
  }),
  messageLine(8, { qos: 2, deliverQos: 2, sharedFilter: '$share/g/t/#' }),
  sessionLine('b \n "quoted" \u{1f600}', { disconnectedAt: undefined, subscriptions: [] }),
  messageLine(5, { qos: 0, deliverQos: 0, payload: Buffer.from([0, 255, 10, 13]).toString('base64') }),
  messageLine(7, { receivers: 2, retain: true }),
  retainedLine('$SYS/x'),
  retainedLine('r/1'),
]

async function exportOf(directory: string, ...flags: readonly string[]): Promise<Line[]> {
  const { code, out, err } = await cli('store', 'export', '--data-dir', directory, ...flags)
  assert.equal(code, 0, err)
  return linesOf(out)
}

function linesOf(text: string): Line[] {
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Line)
}

/** With the numbers that an import into an empty store gives. */
function renumbered(lines: readonly Line[]): Line[] {
  const by = -2
  return lines.map(line => {
    if (typeof line['number'] === 'number') return { ...line, number: line['number'] + by }
    if (!Array.isArray(line['sending'])) return line
    const sending = (line['sending'] as { message: number }[]).map(one => ({
      ...one,
      message: one.message + by,
    }))
    return { ...line, sending }
  })
}

function importFile(text: string): string {
  const file = join(temporaryDirectory(), 'lines.jsonl')
  writeFileSync(file, text)
  return file
}

test('everything that a store holds comes back as it was exported', async () => {
  const directory = await storeOf(everything)
  const [header, ...lines] = await exportOf(directory)
  const { exportedAt, ...rest } = header!
  assert.match(String(exportedAt), /^\d{4}-\d\d-\d\dT/)
  assert.deepEqual(rest, { kind: 'header', format: 1, brokerVersion: rest['brokerVersion'] })
  const [, ...expected] = linesOf(exported(renumbered(everything)))
  assert.deepEqual(lines, expected)
  assert.equal((await cli('store', 'check', '--data-dir', directory)).code, 0)
})

test('a message that several sessions wait for is stored once again', async () => {
  const directory = await storeOf(everything)
  const count = withTables(directory, database =>
    database.prepare('SELECT count(*) AS count FROM message').get(),
  )
  assert.equal(count?.['count'], 4)
})

test('--session exports one session without retained messages, --output writes a private file', async () => {
  const directory = await storeOf(everything)
  const file = join(temporaryDirectory(), 'out.jsonl')
  const { code, out, err } = await cli(
    ...['store', 'export', '--session', 'a', '--output', file, '--data-dir', directory],
  )
  assert.deepEqual([code, out], [0, ''])
  assert.equal(err, 'Exported 1 sessions, 3 messages, 0 retained messages.\n')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const lines = linesOf(readFileSync(file, 'utf8'))
  assert.deepEqual(
    lines.map(line => line['kind']),
    ['header', 'session', 'message', 'message', 'message', 'end'],
  )
  const missing = await cli('store', 'export', '--session', 'nobody', '--data-dir', directory)
  assert.equal(missing.code, 1)
  assert.match(missing.err, /there is no session of "nobody"/)
})

test('what is damaged is left out of an export and told, and the export can be imported', async () => {
  const directory = await storeOf(everything)
  flipBit(directory, 'message', 'body', 'seq = 1')
  flipBit(directory, 'message', 'receivers', 'seq = 3')
  flipBit(directory, 'session', 'record', 'number = 2')
  flipBit(directory, 'retained', 'body', "topic = 'r/1'")
  const { code, out, err } = await cli('store', 'export', '--data-dir', directory)
  assert.equal(code, 1)
  assert.deepEqual(
    err.match(/Left out, because it is damaged: \w+ \S+/g)?.map(text => text.slice(33)),
    ['message 3:', 'message 1:', 'session b', 'retained r/1:'],
  )
  const copy = join(temporaryDirectory(), 'copy')
  const imported = await cli('store', 'import', importFile(out), '--data-dir', copy)
  assert.equal(imported.out, 'Imported 1 sessions, 2 messages, 1 retained messages.\n')
  assert.equal((await cli('store', 'check', '--data-dir', copy)).code, 0)
})

test('an import adds to a store, behind what is there', async () => {
  const directory = await storeOf([sessionLine('old'), messageLine(50), retainedLine('old')])
  const { code } = await cli('store', 'import', importFile(exported(everything)), '--data-dir', directory)
  assert.equal(code, 0)
  const lines = await exportOf(directory)
  assert.deepEqual(
    lines.filter(line => line['kind'] === 'session').map(line => line['clientId']),
    ['old', 'a', 'b \n "quoted" \u{1f600}'],
  )
  assert.equal((await cli('store', 'check', '--data-dir', directory)).code, 0)
})

test('a session or retained message that is there is not overwritten unless that is asked for', async () => {
  const directory = await storeOf([
    sessionLine('a', { owner: 'eve' }),
    messageLine(1),
    retainedLine('r/1', 'old'),
  ])
  const before = await exportOf(directory)
  const file = importFile(exported(everything))
  const refused = await cli('store', 'import', file, '--data-dir', directory)
  assert.equal(refused.code, 1)
  assert.match(refused.err, /^Nothing was imported:\n {2}line 2: clientId has a session in the store already/)
  assert.match(refused.err, /line 10: topic has a retained message in the store already/)
  assert.deepEqual((await exportOf(directory)).slice(1), before.slice(1))

  const { code } = await cli('store', 'import', '--overwrite', file, '--data-dir', directory)
  assert.equal(code, 0)
  const lines = await exportOf(directory)
  assert.equal(lines.length, everything.length + 2)
  assert.equal(lines.find(line => line['clientId'] === 'a')?.['owner'], 'ada')
  assert.equal(lines.find(line => line['topic'] === 'r/1')?.['payload'], base64('retained r/1'))
})
