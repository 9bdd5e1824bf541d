// What the users of persistent sessions were promised about flows: acknowledged, limited, expired, cut, taken over (B9, B11, B13 to B17).

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { QoS } from '../../server/protocol/packet.ts'
import { startBroker } from '../harness/broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import type { CutProxy } from './cut-proxy.ts'
import type { DrivenClient } from './driven-client.ts'
import {
  assertSessionPresent,
  connectPublisher,
  numbered,
  payloadsOf,
  proxyFor,
  publishAll,
  queueMessagesMax,
  type Scene,
  scenario,
  sysValue,
  waitForSysValue,
} from './scene.ts'

/** The shortest expiry there is, and enough more for the broker's clock to notice. */
const EXPIRY_SECONDS = 1
const EXPIRED_AFTER_MS = 1300

function queueScenarios(scene: Scene): void {
  const { driver, broker } = scene
  scenario(scene, 'B9 what is delivered and acknowledged is deleted from the queue at once', async name => {
    const before = await sysValue(broker, 'store/messages/count')
    const subscriber = await driver.connect({ clientId: name, clean: false })
    await subscriber.subscribe(name, 2)
    await subscriber.disconnect()
    const publisher = await connectPublisher(scene, name)
    await publishAll(publisher, ['1', '2', '3'], { topic: name, qos: 1 })
    await publishAll(publisher, ['4', '5'], { topic: name, qos: 2 })
    await waitForSysValue(broker, 'store/messages/count', before + 5)
    const returned = await driver.connect({ clientId: name, clean: false })
    await publisher.publish({ topic: name, payload: 'live', qos: 2 })
    assert.deepEqual(payloadsOf(await returned.messagesUntil('live')), numbered(5))
    await waitForSysValue(broker, 'store/messages/count', before)
    await returned.disconnect()
    const again = await driver.connect({ clientId: name, clean: false })
    await publisher.publish({ topic: name, payload: 'live again', qos: 1 })
    assert.deepEqual(await again.messagesUntil('live again'), [])
  })

  scenario(scene, 'B14 a queue has a limit; what is lost beyond it is counted', async name => {
    const subscriber = await driver.connect({ clientId: name, clean: false })
    await subscriber.subscribe(name, 1)
    await subscriber.disconnect()
    const dropped = await sysValue(broker, 'publish/messages/dropped')
    const publisher = await connectPublisher(scene, name)
    const payloads = numbered(queueMessagesMax + 50)
    for (const payload of payloads) await publisher.send({ topic: name, payload, qos: 1 })
    await publisher.waitFor('delivered', { payload: payloads.at(-1)! })
    const returned = await driver.connect({ clientId: name, clean: false })
    // One more message would still find the queue full, so it is published once all have arrived.
    await returned.waitFor('message', { payload: payloads.at(-1)! })
    await publisher.publish({ topic: name, payload: 'live', qos: 1 })
    assert.deepEqual(payloadsOf(await returned.messagesUntil('live')), payloads.slice(50))
    await waitForSysValue(broker, 'publish/messages/dropped', dropped + 50)
  })
}

function memoryScenarios(scene: Scene): void {
  const { driver } = scene
  scenario(scene, 'B11 a session remembers all its subscriptions', async name => {
    const filters: readonly [string, QoS][] = [
      [`${name}/plain`, 0],
      [`${name}/+/one`, 1],
      [`${name}/many/#`, 2],
    ]
    const subscriber = await driver.connect({ clientId: name, clean: false })
    for (const [filter, qos] of filters) assert.equal(await subscriber.subscribe(filter, qos), qos)
    await subscriber.disconnect()
    const returned = await driver.connect({ clientId: name, clean: false })
    const publisher = await connectPublisher(scene, name)
    for (const topic of ['plain', 'x/one', 'many/a/b'].map(rest => `${name}/${rest}`)) {
      await publisher.publish({ topic, payload: topic, qos: 2 })
    }
    const received = [
      await returned.nextMessage(),
      await returned.nextMessage(),
      await returned.nextMessage(),
    ]
    assert.deepEqual(received.map(({ topic, qos }) => [topic, qos]).sort(), [
      [`${name}/many/a/b`, 2],
      [`${name}/plain`, 0],
      [`${name}/x/one`, 1],
    ])
  })

  scenario(scene, 'B11 what was sent and not acknowledged is sent again with DUP', async name => {
    const proxy = await proxyFor(scene)
    const subscriber = await driver.connect({ clientId: name, clean: false, address: proxy })
    await subscriber.subscribe(name, 2)
    const publisher = await connectPublisher(scene, name)
    proxy.mute('to-broker')
    await publisher.publish({ topic: name, payload: 'qos 2', qos: 2 })
    await publisher.publish({ topic: name, payload: 'qos 1', qos: 1 })
    // It was sent after the other one; its PUBACK is swallowed like PUBREC for that.
    await subscriber.waitFor('message', { payload: 'qos 1' })
    proxy.cut()
    await subscriber.waitFor('lost')
    const returned = await driver.connect({ clientId: name, clean: false, address: proxy })
    await publisher.publish({ topic: name, payload: 'live', qos: 2 })
    const again = await returned.messagesUntil('live')
    assert.deepEqual(payloadsOf(again).sort(), ['qos 1', 'qos 2'])
    assert.ok(again.every(message => message.dup))
  })
}

function takeoverScenarios(scene: Scene): void {
  const { driver, broker } = scene
  scenario(
    scene,
    'B13 a second connection closes the first, and the log says who fights with whom',
    async name => {
      const first = await driver.connect({ clientId: name, clean: false })
      const second = await driver.connect({ clientId: name, clean: false })
      assertSessionPresent(scene, second, true)
      const { reason } = await first.waitFor('lost')
      if (driver.protocolVersion === 5) assert.match(reason, /taken over/i)
      const line = await broker.waitForLog({ msg: 'session taken over', clientId: name })
      for (const party of [line['from'], line['by']]) assert.match(String(party), /^127\.0\.0\.1:\d+/)
      assert.notEqual(line['from'], line['by'])
      await second.subscribe(name, 1)
      await second.publish({ topic: name, payload: 'still here', qos: 1 })
      assert.equal((await second.nextMessage()).payload, 'still here')
      assert.equal(second.all('lost').length, 0)
    },
  )
}

function expiryScenarios(scene: Scene): void {
  const { driver } = scene
  if (driver.protocolVersion < 5) {
    scenario(scene, 'B15 the broker decides when a 3.x session expires', async name => {
      const own = await startBroker({ settings: { 'session-expiry-default': `${EXPIRY_SECONDS}s` } })
      const publisher = await driver.connect({ clientId: `${name}-publisher`, clean: true, address: own })
      const visit = async (payload: string): Promise<DrivenClient> => {
        const client = await driver.connect({ clientId: name, clean: false, address: own })
        await publisher.publish({ topic: name, payload, qos: 1 })
        await client.subscribe(`${name}/end`, 1)
        await client.publish({ topic: `${name}/end`, payload: 'end', qos: 1 })
        return client
      }
      const first = await visit('nobody subscribed')
      assert.deepEqual(await first.messagesUntil('end'), [])
      await first.subscribe(name, 1)
      await first.disconnect()
      const second = await visit('remembered')
      assertSessionPresent(scene, second, true)
      assert.deepEqual(payloadsOf(await second.messagesUntil('end')), ['remembered'])
      await second.disconnect()
      await sleep(EXPIRED_AFTER_MS)
      const third = await visit('forgotten')
      assertSessionPresent(scene, third, false)
      assert.deepEqual(await third.messagesUntil('end'), [])
      await third.disconnect()
      await publisher.disconnect()
      await own.stop()
    })
    return
  }
  scenario(scene, 'B15 the client decides when a session and a message expire', async name => {
    const visit = async (clientId: string, sessionExpirySeconds: number): Promise<DrivenClient> => {
      const client = await driver.connect({ clientId, clean: false, sessionExpirySeconds })
      await client.subscribe(name, 1)
      await client.disconnect()
      return client
    }
    await visit(`${name}-short`, EXPIRY_SECONDS)
    await visit(`${name}-long`, 60)
    const publisher = await connectPublisher(scene, name)
    const expiring = { topic: name, qos: 1, messageExpirySeconds: EXPIRY_SECONDS } as const
    await publisher.publish({ ...expiring, payload: 'expires' })
    await publisher.publish({ topic: name, qos: 1, payload: 'stays' })
    await sleep(EXPIRED_AFTER_MS)
    assert.equal((await visit(`${name}-short`, 0)).sessionPresent, false)
    const returned = await driver.connect({ clientId: `${name}-long`, clean: false })
    assertSessionPresent(scene, returned, true)
    assert.deepEqual(await returned.messagesUntil('stays'), [])
  })
}

interface Cut {
  readonly proxy: CutProxy
  readonly publisher: DrivenClient
  readonly subscriber: DrivenClient
}

/** A publisher that comes back by itself over a network that can be cut, and a subscriber with a good one. */
async function prepareCut(scene: Scene, name: string): Promise<Cut> {
  const { driver } = scene
  const proxy = await proxyFor(scene)
  const subscriber = await driver.connect({ clientId: `${name}-subscriber`, clean: true })
  await subscriber.subscribe(name, 2)
  const publisher = await driver.connect({ clientId: name, clean: false, reconnect: true, address: proxy })
  return { proxy, publisher, subscriber }
}

/** The publisher is back and has all its acknowledgements; returns what the subscriber got since it last looked. */
async function settle({ publisher, subscriber }: Cut, name: string): Promise<string[]> {
  await publisher.waitFor('connected', {}, 2)
  for (const payload of ['qos 1', 'qos 2']) await publisher.waitFor('delivered', { payload })
  await publisher.publish({ topic: name, payload: 'end', qos: 2 })
  const received = payloadsOf(await subscriber.messagesUntil('end'))
  await publisher.disconnect()
  return received
}

function cutScenarios(scene: Scene): void {
  const { driver, broker } = scene
  scenario(scene, 'B17 what the cut network swallowed is sent again and arrives once', async name => {
    const cut = await prepareCut(scene, name)
    cut.proxy.mute('to-broker')
    await cut.publisher.send({ topic: name, payload: 'qos 1', qos: 1 })
    await cut.publisher.send({ topic: name, payload: 'qos 2', qos: 2 })
    cut.proxy.cut()
    assert.deepEqual(await settle(cut, name), ['qos 1', 'qos 2'])
    assertSessionPresent(scene, cut.publisher, true)
  })

  scenario(
    scene,
    'B11 B17 a resent QoS 2 message whose PUBREC was lost is not delivered twice',
    async name => {
      const cut = await prepareCut(scene, name)
      cut.proxy.mute('to-client')
      await cut.publisher.send({ topic: name, payload: 'qos 1', qos: 1 })
      await cut.publisher.send({ topic: name, payload: 'qos 2', qos: 2 })
      assert.deepEqual(
        [await cut.subscriber.nextMessage(), await cut.subscriber.nextMessage()].map(
          ({ payload }) => payload,
        ),
        ['qos 1', 'qos 2'],
      )
      assert.equal(cut.publisher.all('delivered').length, 0)
      cut.proxy.cut()
      // QoS 1 may come twice: that is what "at least once" means.
      assert.deepEqual(await settle(cut, name), ['qos 1'])
      assertSessionPresent(scene, cut.publisher, true)
    },
  )

  scenario(scene, 'B17 messages resent to a session that was wiped meanwhile are accepted', async name => {
    const cut = await prepareCut(scene, name)
    cut.proxy.mute('to-client')
    await cut.publisher.send({ topic: name, payload: 'qos 1', qos: 1 })
    await cut.publisher.send({ topic: name, payload: 'qos 2', qos: 2 })
    await cut.subscriber.waitFor('message', { payload: 'qos 2' })
    const { protocolVersion } = driver
    await RawClient.connected(broker, { clientId: name, clean: true }, { protocolVersion })
    const received = await settle(cut, name)
    assertSessionPresent(scene, cut.publisher, false)
    // Nobody remembers the identifiers, so both messages count as new.
    assert.deepEqual(received, ['qos 1', 'qos 2', 'qos 1', 'qos 2'])
  })
}

function crashScenarios(scene: Scene): void {
  const { driver } = scene
  scenario(scene, 'B11 B16 session, subscription and queue survive a crash of the broker', async name => {
    const own = await startBroker({ settings: { store: 'embedded' } })
    const subscriber = await driver.connect({ clientId: name, clean: false, address: own })
    await subscriber.subscribe(name, 2)
    await subscriber.disconnect()
    const publisher = { clientId: `${name}-publisher`, clean: true, address: own }
    const before = await driver.connect(publisher)
    await publishAll(before, ['1', '2', '3'], { topic: name, qos: 1 })
    await publishAll(before, ['4', '5'], { topic: name, qos: 2 })
    await own.kill()
    await own.restart()
    const returned = await driver.connect({ clientId: name, clean: false, address: own })
    assertSessionPresent(scene, returned, true)
    const later = await driver.connect(publisher)
    await publishAll(later, ['live'], { topic: name, qos: 2 })
    assert.deepEqual(payloadsOf(await returned.messagesUntil('live')), numbered(5))
    await own.stop()
  })
}

export function flowScenarios(scene: Scene): void {
  queueScenarios(scene)
  memoryScenarios(scene)
  takeoverScenarios(scene)
  expiryScenarios(scene)
  cutScenarios(scene)
  crashScenarios(scene)
}
