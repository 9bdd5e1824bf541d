// `$SYS` about the durable store: what it has written, how long the disk takes, and what was lost and why.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile({ store: 'embedded', 'sys-interval': '1s', 'queue-messages-max': 2 })
const kept = { clean: false, properties: { sessionExpiryInterval: 60 } }

/** Waits until all of these topics have been said with values that are accepted. */
async function said(expected: Readonly<Record<string, (value: string) => boolean>>): Promise<void> {
  const client = await RawClient.connected(broker)
  const open = new Map(Object.entries(expected))
  client.send({
    cmd: 'subscribe',
    messageId: client.nextPacketId(),
    subscriptions: [...open.keys()].map(name => ({ topic: `$SYS/broker/${name}`, qos: 0 as const })),
  })
  await client.expect('suback')
  while (open.size > 0) {
    const { topic, payload } = await client.expect('publish', {}, 4_000)
    const name = topic.slice('$SYS/broker/'.length)
    if (open.get(name)?.(String(payload)) === true) open.delete(name)
  }
}

test('$SYS says what the store has written, how long the disk takes, and what waits', {
  skip: broker.target === 'mosquitto' ? 'these topics are our own' : false,
}, async () => {
  const absent = await RawClient.connected(broker, { ...kept, clientId: 'absent' })
  await absent.subscribe('to/absent', 1)
  await absent.disconnect()
  const publisher = await RawClient.connected(broker)
  for (const payload of ['one', 'two', 'three'])
    assert.equal((await publisher.publish({ topic: 'to/absent', payload, qos: 1 }))?.reasonCode, 0)
  const isAbove = (bound: number) => (value: string) => Number(value) > bound
  await said({
    'store/problem': value => value === 'none',
    'store/commits': isAbove(2),
    'store/messages/written': value => value === '3',
    'store/messages/per-commit': isAbove(0),
    'store/sync/last-milliseconds': isAbove(0),
    'store/sync/mean-milliseconds': isAbove(0),
    'store/sync/percentile-99-milliseconds': isAbove(0),
    'store/file/bytes': isAbove(4_096),
    'store/queued/messages': value => value === '2',
    'store/queued/bytes': isAbove(6),
    'load/store/commits/1min': isAbove(0),
    'publish/messages/dropped/queue-full': value => value === '1',
  })
})
