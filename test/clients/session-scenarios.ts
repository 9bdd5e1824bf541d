// What the users of persistent sessions were promised: what is kept for whom, and for how long (B1 to B8, B10, B12).

import assert from 'node:assert/strict'
import type { QoS } from '../../server/protocol/packet.ts'
import type { DrivenClient } from './driven-client.ts'
import {
  assertSessionPresent,
  connectPublisher,
  numbered,
  payloadsOf,
  publishAll,
  type Scene,
  scenario,
} from './scene.ts'

interface Away {
  readonly title: string
  readonly clean: boolean
  readonly published: QoS
  readonly subscribed: QoS
  readonly kept: 'all' | 'nothing'
}

const aways: readonly Away[] = [
  {
    title: 'B1 clean session on, QoS 0: nothing is kept',
    clean: true,
    published: 0,
    subscribed: 0,
    kept: 'nothing',
  },
  {
    title: 'B2 clean session off, QoS 0: no message is kept, but the subscription is',
    clean: false,
    published: 0,
    subscribed: 0,
    kept: 'nothing',
  },
  {
    title: 'B3 clean session on, QoS 1: nothing is kept',
    clean: true,
    published: 1,
    subscribed: 1,
    kept: 'nothing',
  },
  {
    title: 'B4 clean session off, QoS 1: everything published while away arrives, in order',
    clean: false,
    published: 1,
    subscribed: 1,
    kept: 'all',
  },
  {
    title: 'B4 clean session off, QoS 2: everything published while away arrives, in order',
    clean: false,
    published: 2,
    subscribed: 2,
    kept: 'all',
  },
  {
    title: 'B5 clean session off, published at QoS 0, subscribed at QoS 1: nothing is kept',
    clean: false,
    published: 0,
    subscribed: 1,
    kept: 'nothing',
  },
  {
    title: 'B5 clean session off, published at QoS 1, subscribed at QoS 0: nothing is kept',
    clean: false,
    published: 1,
    subscribed: 0,
    kept: 'nothing',
  },
]

/** The subscriber goes, messages are published, it comes back; the last one is published when it is there again. */
function awayScenario(scene: Scene, away: Away): void {
  const { clean, published: qos, subscribed, kept } = away
  scenario(scene, away.title, async name => {
    const subscriber = await subscribeAndLeave(scene, name, clean, subscribed)
    assertSessionPresent(scene, subscriber, false)
    const publisher = await connectPublisher(scene, name)
    await publishAll(publisher, numbered(5), { topic: name, qos })
    const returned = await scene.driver.connect({ clientId: name, clean })
    assertSessionPresent(scene, returned, !clean)
    if (clean) await returned.subscribe(name, subscribed)
    await publisher.publish({ topic: name, payload: 'live', qos })
    const messages = await returned.messagesUntil('live')
    assert.deepEqual(payloadsOf(messages), kept === 'all' ? numbered(5) : [])
    for (const message of messages) {
      assert.deepEqual(message, { ...message, topic: name, qos, retain: false, dup: false })
    }
  })
}

async function subscribeAndLeave(
  scene: Scene,
  name: string,
  clean: boolean,
  qos: QoS,
): Promise<DrivenClient> {
  const subscriber = await scene.driver.connect({ clientId: name, clean })
  assert.equal(await subscriber.subscribe(name, qos), qos)
  await subscriber.disconnect()
  return subscriber
}

function publisherScenarios(scene: Scene): void {
  for (const clean of [true, false]) {
    const title = `B6 a publisher with clean session ${clean ? 'on' : 'off'} fills the queue of a persistent subscriber`
    scenario(scene, title, async name => {
      await subscribeAndLeave(scene, name, false, 1)
      const publisher = await scene.driver.connect({ clientId: `${name}-publisher`, clean })
      await publishAll(publisher, ['kept'], { topic: name, qos: 1 })
      await publisher.disconnect()
      const returned = await scene.driver.connect({ clientId: name, clean: false })
      assert.equal((await returned.nextMessage()).payload, 'kept')
    })
  }
}

function retainScenarios(scene: Scene): void {
  scenario(scene, 'B7 with the retain flag, too, all messages are kept, not only the last', async name => {
    await subscribeAndLeave(scene, name, false, 1)
    const publisher = await connectPublisher(scene, name)
    await publishAll(publisher, numbered(5), { topic: name, qos: 1, retain: true })
    const returned = await scene.driver.connect({ clientId: name, clean: false })
    await publisher.publish({ topic: name, payload: 'live', qos: 1 })
    const messages = await returned.messagesUntil('live')
    assert.deepEqual(payloadsOf(messages), numbered(5))
    // To a subscription that was there before, they are messages like any other.
    assert.ok(messages.every(message => !message.retain))
    await publisher.publish({ topic: name, payload: '', qos: 1, retain: true })
  })

  scenario(
    scene,
    'B8 delivery leaves a retained message; only replacing and clearing it do not',
    async name => {
      const publisher = await connectPublisher(scene, name)
      const read = async (reader: string): Promise<string[]> => {
        const client = await scene.driver.connect({ clientId: `${name}-${reader}`, clean: true })
        await client.subscribe(name, 1)
        await publisher.publish({ topic: name, payload: `end of ${reader}`, qos: 1 })
        const messages = await client.messagesUntil(`end of ${reader}`)
        assert.ok(messages.every(message => message.retain))
        await client.disconnect()
        return payloadsOf(messages)
      }
      await publisher.publish({ topic: name, payload: 'first', qos: 1, retain: true })
      assert.deepEqual(await read('reader-1'), ['first'])
      assert.deepEqual(await read('reader-2'), ['first'])
      await publisher.publish({ topic: name, payload: 'second', qos: 1, retain: true })
      assert.deepEqual(await read('reader-3'), ['second'])
      await publisher.publish({ topic: name, payload: '', qos: 1, retain: true })
      assert.deepEqual(await read('reader-4'), [])
    },
  )
}

function presenceScenarios(scene: Scene): void {
  scenario(
    scene,
    'B10 session present is 0 at first, 1 on return, and 0 after clean session on',
    async name => {
      const visits = [
        { clean: false, expected: false },
        { clean: false, expected: true },
        { clean: true, expected: false },
        { clean: false, expected: false },
      ]
      for (const { clean, expected } of visits) {
        const client = await scene.driver.connect({ clientId: name, clean })
        await client.disconnect()
        assertSessionPresent(scene, client, expected)
      }
    },
  )
}

export function sessionScenarios(scene: Scene): void {
  for (const away of aways) awayScenario(scene, away)
  publisherScenarios(scene)
  retainScenarios(scene)
  presenceScenarios(scene)
}
