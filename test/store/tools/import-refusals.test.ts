// `store import`: each line that is wrong is refused with its number and field, and nothing is imported.

import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  base64,
  cli,
  exported,
  messageLine,
  retainedLine,
  sessionLine,
  TIME,
  temporaryDirectory,
} from '../../harness/store-files.ts'

const subscription = { topicFilter: 'a', qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 }
const will = {
  topic: 'w',
  qos: 1,
  retain: false,
  payload: '',
  publisher: 'a',
  receivedAt: TIME,
  delaySeconds: 1,
}

async function importText(text: string | Buffer) {
  const directory = temporaryDirectory()
  const file = join(directory, 'lines.jsonl')
  writeFileSync(file, text)
  const result = await cli('store', 'import', file, '--data-dir', join(directory, 'data'))
  return { ...result, wasMade: existsSync(join(directory, 'data')) }
}

/** Lines behind the header, and what is said of them. */
const refusals: readonly (readonly [lines: readonly Readonly<Record<string, unknown>>[], problem: string])[] =
  [
    [[sessionLine('')], 'line 2: clientId must not be empty'],
    [[sessionLine('a\u0000')], 'line 2: clientId contains U+0000'],
    [[sessionLine('x'.repeat(65_536))], 'line 2: clientId is longer than 65535 bytes'],
    [[sessionLine('a', { owner: 7 })], 'line 2: owner must be a text'],
    [[sessionLine('a', { owner: undefined })], 'line 2: owner is missing'],
    [[sessionLine('a', { createdAt: '1 March' })], 'line 2: createdAt must be a time such as'],
    [[sessionLine('a', { expirySeconds: 'ever' })], 'line 2: expirySeconds must be never'],
    [[sessionLine('a', { expirySeconds: -1 })], 'line 2: expirySeconds must be a whole number from 0'],
    [[sessionLine('a', { colour: 'red' })], 'line 2: colour is not known'],
    [[sessionLine('a', { subscriptions: {} })], 'line 2: subscriptions must be a list'],
    [[sessionLine('a', { subscriptions: [subscription, 1] })], 'line 2: subscriptions[1] must be an object'],
    [
      [sessionLine('a', { subscriptions: [{ ...subscription, qos: 3 }] })],
      'line 2: subscriptions[0].qos must be a whole number from 0 to 2',
    ],
    [
      [sessionLine('a', { subscriptions: [{ ...subscription, topicFilter: 'a/#/b' }] })],
      'line 2: subscriptions[0].topicFilter is none',
    ],
    [
      [sessionLine('a', { subscriptions: [subscription, subscription] })],
      'line 2: subscriptions[1].topicFilter stands there twice',
    ],
    [[sessionLine('a', { will: { ...will, topic: 'a/+' } })], 'line 2: will.topic is none'],
    [[sessionLine('a', { will: { ...will, delaySeconds: 2 ** 32 } })], 'line 2: will.delaySeconds must be'],
    [[sessionLine('a', { receiving: [0] })], 'line 2: receiving[0] must be a whole number from 1 to 65535'],
    [
      [sessionLine('a', { sending: [{ packetId: 1, message: 5, at: 'published' }] }), messageLine(4)],
      'line 2: sending[0].message is 5, and no message of QoS 2 with that number follows',
    ],
    [
      [sessionLine('a', { sending: [{ packetId: 1, message: 5, at: 'lost' }] })],
      'line 2: sending[0].at must be published or released',
    ],
    [[sessionLine('a'), sessionLine('a')], 'line 3: clientId has a session above already'],
    [[messageLine(1)], 'line 2: kind is message, and no session stands above it'],
    [[sessionLine('a'), retainedLine('r'), messageLine(1)], 'line 4: kind is message, and no session stands'],
    [[sessionLine('a'), messageLine(2), messageLine(2)], "line 4: number must grow: a session's messages"],
    [[sessionLine('a'), messageLine(0)], 'line 3: number must be a whole number from 1'],
    [
      [sessionLine('a'), messageLine(1), sessionLine('b'), messageLine(1, { payload: base64('another') })],
      'line 5: number is that of line 3, which has another message',
    ],
    [
      [sessionLine('a'), messageLine(1, { deliverQos: 2 })],
      'line 3: deliverQos must be a whole number from 0 to 1',
    ],
    [[sessionLine('a'), messageLine(1, { payload: 'a-b' })], 'line 3: payload must be base64'],
    [[sessionLine('a'), messageLine(1, { topic: '' })], 'line 3: topic is none: the topic name is empty'],
    [[sessionLine('a'), messageLine(1, { retain: 1 })], 'line 3: retain must be true or false'],
    [[sessionLine('a'), messageLine(1, { properties: 'Ag==' })], 'line 3: properties cannot be sent'],
    [[sessionLine('a'), messageLine(1, { properties: 'IwAB' })], 'line 3: properties holds a topic alias'],
    [
      [sessionLine('a'), messageLine(1, { subscriptionIdentifiers: [0] })],
      'line 3: subscriptionIdentifiers[0] must',
    ],
    [[retainedLine('r', '')], 'line 2: payload must not be empty in a retained message'],
    [[retainedLine('r'), retainedLine('r')], 'line 3: topic has a retained message above already'],
    [[{ kind: 'recipe' }], 'line 2: kind must be header or session or message or retained or end'],
    [
      [{ kind: 'header', format: 1, exportedAt: TIME, brokerVersion: '' }],
      'line 2: kind may be header only once',
    ],
  ]

for (const [lines, problem] of refusals) {
  test(`refused: ${problem}`, async () => {
    const { code, out, err, wasMade } = await importText(exported(lines))
    assert.deepEqual([code, out, wasMade], [1, '', false])
    assert.ok(err.startsWith('Nothing was imported:\n'), err)
    assert.ok(err.includes(`  ${problem}`), err)
  })
}

test('a file that is not whole, not an export or of another format is refused', async () => {
  const whole = exported([sessionLine('a'), messageLine(1), retainedLine('r')])
  const lines = whole.trimEnd().split('\n')
  for (const [text, problem] of [
    [lines.slice(0, -1).join('\n'), 'line 4: it is the last line, and not that of kind end'],
    [lines.toSpliced(2, 1).join('\n'), 'line 4: messages is 1, and 0 stand above'],
    [lines.slice(1).join('\n'), 'line 1: kind must be header first'],
    [`${whole}{"kind":"retained"}`, 'line 6: topic is missing'],
    [whole.slice(0, whole.length / 2), 'it is not JSON'],
    [whole.replace('"format":1', '"format":2'), 'line 1: format is 2; only 1 is known'],
    [Buffer.concat([Buffer.from(whole), Buffer.from([0xff, 0x0a])]), 'line 6: it is not UTF-8'],
    ['[1]\n', 'line 1: it must be an object'],
    ['', 'line 0: it is the last line'],
  ] as const) {
    const { code, err, wasMade } = await importText(text)
    assert.deepEqual([code, wasMade], [1, false])
    assert.ok(err.includes(problem), `${problem}\n${err}`)
  }
})

test('of very many wrong lines the first twenty are told', async () => {
  const { err } = await importText('1\n'.repeat(1000))
  assert.equal(err.split('\n').length, 22)
})

test('line ends of other systems and empty lines do no harm', async () => {
  const whole = exported([sessionLine('a'), messageLine(1), retainedLine('r')])
  const { code, err } = await importText(`${whole.replaceAll('\n', '\r\n\r\n')}\n`)
  assert.equal(code, 0, err)
})

test('a file that cannot be read, or none, is told', async () => {
  const missing = await cli('store', 'import', '/nowhere/lines.jsonl', '--data-dir', temporaryDirectory())
  assert.equal(missing.code, 1)
  assert.match(missing.err, /^\/nowhere\/lines.jsonl cannot be read: ENOENT/)
  const none = await cli('store', 'import', '--data-dir', temporaryDirectory())
  assert.deepEqual(none, { code: 2, out: '', err: 'Name the FILE to import.\n' })
})
