// The `$SYS` topics as mosquitto's users and their dashboards read them: the same names, and values that move.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { brokerForFile } from '../harness/broker.ts'
import { requireProgram } from '../harness/programs.ts'
import { run, succeed } from './mosquitto-programs.ts'

const [publisher, subscriber] = [await requireProgram('mosquitto_pub'), await requireProgram('mosquitto_sub')]
const skip = 'skip' in publisher ? publisher.skip : 'skip' in subscriber ? subscriber.skip : false
const [pub, sub] = ['path' in publisher ? publisher.path : '', 'path' in subscriber ? subscriber.path : '']
const broker = brokerForFile({ 'sys-interval': '50ms', 'queue-messages-max': 3 })

/** All that mosquitto 2.0.11 publishes, but for the load averages. */
const names = [
  ...['version', 'uptime'],
  ...['total', 'connected', 'active', 'disconnected', 'inactive', 'maximum', 'expired'].map(
    name => `clients/${name}`,
  ),
  ...['messages/received', 'messages/sent', 'messages/stored', 'bytes/received', 'bytes/sent'],
  ...['received', 'sent', 'dropped'].map(name => `publish/messages/${name}`),
  ...['publish/bytes/received', 'publish/bytes/sent', 'store/messages/count', 'store/messages/bytes'],
  ...['subscriptions/count', 'shared_subscriptions/count', 'retained messages/count'],
  ...['heap/current', 'heap/maximum'],
]
const loads = [
  ...['messages/received', 'messages/sent', 'publish/received', 'publish/sent', 'publish/dropped'],
  ...['bytes/received', 'bytes/sent', 'connections', 'sockets'],
].flatMap(name => [1, 5, 15].map(minutes => `load/${name}/${minutes}min`))

/** What a mosquitto_sub that listens for a second has heard last of each topic. */
async function snapshot(): Promise<Map<string, string>> {
  const { stdout } = await run(sub, broker, ['-t', '$SYS/#', '-W', '1', '-F', '%t\t%p'])
  const lines = stdout.trimEnd().split('\n')
  return new Map(
    lines.map(line => {
      const [topic = '', payload = ''] = line.split('\t')
      return [topic.replace('$SYS/broker/', ''), payload] as const
    }),
  )
}

test('$SYS has the topics that mosquitto has, under the same names', { skip }, async () => {
  const values = await snapshot()
  for (const name of [...names, ...loads]) assert.ok(values.has(name), name)
  assert.match(values.get('version') ?? '', /^holdfast \d+\.\d+\.\d+/)
  assert.match(values.get('uptime') ?? '', /^\d+ seconds$/)
  for (const name of loads) assert.match(values.get(name) ?? '', /^\d+\.\d\d$/)
  for (const name of names.slice(2)) assert.match(values.get(name) ?? '', /^\d+$/, name)
})

test('$SYS/# is not what # matches', { skip }, async () => {
  const { stdout } = await run(sub, broker, ['-t', '#', '-W', '1', '-F', '%t'])
  assert.doesNotMatch(stdout, /\$SYS/)
})

test('the values of $SYS move with what happens', { skip }, async () => {
  const before = await snapshot()
  const away = ['-V', 'mqttv5', '-c', '-i', 'sys-away', '-t', 'sys/away', '-q', '1', '-x', '60']
  await succeed(sub, broker, [...away, '-E'])
  await succeed(sub, broker, ['-V', 'mqttv5', '-c', '-i', 'sys-short', '-t', 'x', '-x', '1', '-E'])
  for (let message = 0; message < 5; message++) {
    await succeed(pub, broker, ['-t', 'sys/away', '-q', '1', '-m', '0123456789'])
  }
  await succeed(pub, broker, ['-t', 'sys/retained', '-q', '1', '-r', '-m', '0123456789'])
  await sleep(1200)
  const after = await snapshot()
  const moved = (name: string): number => Number(after.get(name)) - Number(before.get(name))
  // The broker's own topics are retained messages, too, and some begin with what they tell of.
  const newTopics = after.size - before.size
  const exactly = {
    'clients/total': 1,
    'clients/connected': 0,
    'clients/disconnected': 1,
    'clients/expired': 1,
    'publish/messages/received': 6,
    'publish/messages/dropped': 2,
    'publish/bytes/received': 60,
    'store/messages/count': 3,
    'messages/stored': 4 + newTopics,
    'subscriptions/count': 1,
    'retained messages/count': 1 + newTopics,
  }
  assert.deepEqual(Object.fromEntries(Object.keys(exactly).map(name => [name, moved(name)])), exactly)
  // CONNECT, PUBLISH and DISCONNECT of six publishers at the least; their CONNACK and PUBACK.
  const atLeast = { 'messages/received': 18, 'messages/sent': 12, 'bytes/received': 200, 'bytes/sent': 60 }
  for (const [name, least] of Object.entries(atLeast))
    assert.ok(moved(name) >= least, `${name} ${moved(name)}`)
  for (const name of loads) assert.ok(Number(after.get(name)) > 0, name)
  assert.equal(Number(after.get('clients/connected')), 1)
})
