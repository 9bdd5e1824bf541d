// mosquitto_pub and mosquitto_sub against the broker: what people try first on a shell.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { requireProgram } from '../harness/programs.ts'
import { MosquittoSub, messageFormat, messagesIn, run, succeed } from './mosquitto-programs.ts'

const [publisher, subscriber] = [await requireProgram('mosquitto_pub'), await requireProgram('mosquitto_sub')]
const skip = 'skip' in publisher ? publisher.skip : 'skip' in subscriber ? subscriber.skip : false
const [pub, sub] = ['path' in publisher ? publisher.path : '', 'path' in subscriber ? subscriber.path : '']
const broker = brokerForFile()

const versions = ['mqttv31', 'mqttv311', 'mqttv5'] as const
const qualities = ['0', '1', '2'] as const

function uniqueName(): string {
  return `shell-${randomBytes(5).toString('hex')}`
}

for (const version of versions) {
  const common = ['-V', version]

  for (const qos of qualities) {
    test(`mosquitto_pub reaches mosquitto_sub at QoS ${qos} (${version})`, { skip }, async () => {
      const name = uniqueName()
      const reader = await MosquittoSub.start(sub, broker, [
        ...common,
        '-t',
        `${name}/#`,
        '-q',
        qos,
        '-C',
        '4',
      ])
      await succeed(pub, broker, [...common, '-t', `${name}/one`, '-q', qos, '-m', 'hello'])
      await succeed(pub, broker, [...common, '-t', `${name}/lines`, '-q', qos, '-l'], 'a\nb\n')
      await succeed(pub, broker, [...common, '-t', `${name}/stdin`, '-q', qos, '-s'], 'x'.repeat(100_000))
      await reader.end()
      assert.deepEqual(
        reader.messages.map(({ topic, payload }) => [topic, payload]),
        [
          [`${name}/one`, 'hello'],
          [`${name}/lines`, 'a'],
          [`${name}/lines`, 'b'],
          [`${name}/stdin`, 'x'.repeat(100_000)],
        ],
      )
      assert.ok(reader.messages.every(message => message.qos === Number(qos) && !message.retain))
    })
  }

  test(`B8 retained messages stay for every reader until they are cleared (${version})`, {
    skip,
  }, async () => {
    const name = uniqueName()
    const read = async (): Promise<unknown[]> => {
      // The timeout ends a reader that gets nothing.
      const { stdout } = await run(sub, broker, [
        ...common,
        '-t',
        name,
        '-W',
        '1',
        '-C',
        '1',
        ...messageFormat,
      ])
      return messagesIn(stdout).map(({ payload, retain }) => [payload, retain])
    }
    await succeed(pub, broker, [...common, '-t', name, '-q', '1', '-r', '-m', 'first'])
    await succeed(pub, broker, [...common, '-t', name, '-q', '1', '-r', '-m', 'second'])
    assert.deepEqual(await read(), [['second', true]])
    assert.deepEqual(await read(), [['second', true]])
    await succeed(pub, broker, [...common, '-t', name, '-q', '1', '-r', '-n'])
    assert.deepEqual(await read(), [])
  })

  test(`B4 -c -i keeps a queue for a reader that is away (${version})`, { skip }, async () => {
    const name = uniqueName()
    const expiry = version === 'mqttv5' ? ['-x', '60'] : []
    const reader = [...common, '-c', '-i', name, '-t', name, '-q', '1', ...expiry]
    await succeed(sub, broker, [...reader, '-E'])
    for (const payload of ['1', '2', '3']) {
      await succeed(pub, broker, [...common, '-t', name, '-q', '1', '-m', payload])
    }
    const { stdout } = await succeed(sub, broker, [...reader, '-C', '3', '-W', '5', ...messageFormat])
    assert.deepEqual(
      messagesIn(stdout).map(({ payload }) => payload),
      ['1', '2', '3'],
    )
  })

  test(`a will is published for a client that dies, not for one that leaves (${version})`, {
    skip,
  }, async () => {
    const name = uniqueName()
    const watcher = await MosquittoSub.start(sub, broker, [...common, '-t', `${name}/will`, '-q', '1'])
    const mortal = (payload: string): Promise<MosquittoSub> => {
      const will = ['--will-topic', `${name}/will`, '--will-qos', '1', '--will-payload', payload]
      return MosquittoSub.start(sub, broker, [...common, '-t', name, '-C', '1', ...will])
    }
    // It leaves with its one message; on a signal it would ask for its will in MQTT 5.
    const leaving = await mortal('left')
    await succeed(pub, broker, [...common, '-t', name, '-m', 'leave'])
    await leaving.end()
    await (await mortal('died')).kill('SIGKILL')
    assert.deepEqual(
      (await watcher.take(1)).map(({ payload, qos }) => [payload, qos]),
      [['died', 1]],
    )
  })
}

test('MQTT 5 properties pass from mosquitto_pub to mosquitto_sub', { skip }, async () => {
  const name = uniqueName()
  const args = ['-V', 'mqttv5', '-t', name, '-q', '1']
  const reading = ['-c', '-i', name, '-x', '60', '-F', '%p|%P|%C|%R|%D|%E']
  await succeed(sub, broker, [...args, ...reading, '-E'])
  const properties = [
    ['user-property', 'colour', 'green'],
    ['content-type', 'text/plain'],
    ['response-topic', 'answers'],
    ['correlation-data', 'c1'],
    ['message-expiry-interval', '60'],
  ].flatMap(property => ['-D', 'publish', ...property])
  await succeed(pub, broker, [...args, '-m', 'hello', ...properties])
  const { stdout } = await succeed(sub, broker, [...args, ...reading, '-C', '1', '-W', '5'])
  const [payload, user, ...rest] = stdout.trim().split('|')
  assert.deepEqual(
    [payload, user?.replace(':', ' '), ...rest.slice(0, 3)],
    ['hello', 'colour green', 'text/plain', 'answers', 'c1'],
  )
  assert.ok(Number(rest[3]) > 50 && Number(rest[3]) <= 60, rest[3])
})

test('two mosquitto_sub of one shared subscription share its messages', { skip }, async () => {
  const name = uniqueName()
  const shared = ['-V', 'mqttv5', '-t', `$share/group/${name}`, '-q', '1']
  const readers = [
    await MosquittoSub.start(sub, broker, shared),
    await MosquittoSub.start(sub, broker, shared),
  ]
  await succeed(pub, broker, ['-t', name, '-q', '1', '-l'], '1\n2\n3\n4\n5\n6\n')
  const alone = await MosquittoSub.start(sub, broker, ['-t', `${name}/end`, '-q', '1'])
  await succeed(pub, broker, ['-t', `${name}/end`, '-q', '1', '-m', 'end'])
  await alone.take(1)
  const shares = await Promise.all(readers.map(reader => reader.take(1).then(() => reader)))
  const payloads = (): string[] => shares.flatMap(reader => reader.messages.map(({ payload }) => payload))
  await Promise.all(shares.map(reader => reader.kill('SIGTERM')))
  assert.deepEqual(payloads().sort(), ['1', '2', '3', '4', '5', '6'])
})
