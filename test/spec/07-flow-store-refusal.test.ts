// A store that refuses, at once or late: nothing is acknowledged that it does not keep, and nothing kept is lost.

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { payloads, persistent, resume, subscribeAndLeave } from '../harness/sessions.ts'
import { FULL, type Pace, SlowStore, type SlowVerb } from '../harness/slow-store.ts'

const store = new SlowStore()
const broker = inProcessBrokerForFile({ 'receive-maximum': 4 }, { store })
afterEach(() => store.reset())

/** Runs the act while the store refuses the verb: at once, or once everything else has been done. */
async function refusing(verb: SlowVerb, when: 'at once' | 'late', act: () => void): Promise<void> {
  const pace: Pace = when === 'at once' ? 'refuse' : 'hold-back'
  store.pace(pace, verb)
  act()
  if (when === 'at once') return
  await store.waitFor(verb)
  store.settleAll(verb, FULL)
}

for (const when of ['at once', 'late'] as const) {
  const named = (name: string) => `refused/${when}/${name}`

  test(`refuses a 5.0 publisher with 0x97 ${when}, and takes the same identifier later [MQTT5-3.4.2-1, MQTT5-3.5.2-1, MQTT5-4.3.3-9]`, async () => {
    await subscribeAndLeave(broker, named('5'), named('5'), 2)
    const publisher = await resume(broker, named('publisher'))
    for (const qos of [1, 2] as const) {
      const publish = { cmd: 'publish', topic: named('5'), qos, messageId: qos } as const
      // More than the Receive Maximum: a refusal gives the place back.
      for (let count = 0; count < 6; count++) {
        await refusing('append', when, () => publisher.send({ ...publish, payload: 'refused' }))
        const answer = await publisher.expect(qos === 1 ? 'puback' : 'pubrec', {
          messageId: qos,
          reasonCode: 0x97,
        })
        assert.equal(answer.properties?.reasonString, FULL.detail)
      }
      store.pace('pass', 'append')
      await publisher.publish({ topic: named('5'), payload: `kept ${qos}`, qos, messageId: qos, dup: true })
    }
    const back = await resume(broker, named('5'), { autoAck: true })
    assert.deepEqual(await payloads(back, 2), ['kept 1', 'kept 2'])
    await back.ping()
  })

  test(`keeps a refusal in the order of the answers, ${when}`, async () => {
    await subscribeAndLeave(broker, named('order'), named('order'), 1)
    const publisher = await RawClient.connected(broker)
    const publish = { cmd: 'publish', topic: named('order'), qos: 1 } as const
    store.pace('hold', 'append')
    publisher.send({ ...publish, payload: 'first', messageId: 1 })
    const [first] = await store.waitFor('append')
    store.pace(when === 'at once' ? 'refuse' : 'hold-back', 'append')
    publisher.send({ ...publish, payload: 'refused', messageId: 2 })
    await publisher.ping()
    store.pace('hold', 'append')
    publisher.send({ ...publish, payload: 'third', messageId: 3 })
    const staged = await store.waitFor('append', when === 'at once' ? 2 : 3)
    for (const one of staged) {
      if (one.about === 'refused') one.settle(FULL)
      else if (one.about === 'third') one.settle()
    }
    await publisher.ping()
    first?.settle()
    await publisher.expect('puback', { messageId: 1, reasonCode: 0 })
    await publisher.expect('puback', { messageId: 2, reasonCode: 0x97 })
    await publisher.expect('puback', { messageId: 3, reasonCode: 0 })
  })

  for (const protocolVersion of [3, 4] as const) {
    for (const qos of [1, 2] as const) {
      test(`closes on a QoS ${qos} message of version ${protocolVersion} that is refused ${when}, and takes it when it comes again [MQTT3-4.8.0-2]`, async () => {
        const topic = named(`${protocolVersion}/${qos}`)
        await subscribeAndLeave(broker, topic, topic, 2)
        const publish = { cmd: 'publish', topic, payload: 'x', qos, messageId: 7 } as const
        const publisher = await resume(broker, `p/${topic}`, { protocolVersion })
        await refusing('append', when, () => publisher.send(publish))
        await publisher.expectClosed()
        store.pace('pass', 'append')
        const again = await resume(broker, `p/${topic}`, { protocolVersion, autoAck: true })
        again.send({ ...publish, dup: true })
        await again.expect(qos === 1 ? 'puback' : 'pubrec', { messageId: 7 })
        const back = await resume(broker, topic)
        await back.expect('publish', { payload: 'x', qos })
        await back.ping()
      })
    }
  }

  test(`refuses CONNECT ${when} when the session cannot be kept [MQTT5-3.1.4-2] [MQTT3-3.2.2-5]`, async () => {
    for (const [protocolVersion, code] of [
      [5, 0x97],
      [4, 3],
    ] as const) {
      const client = await RawClient.open(broker, { protocolVersion })
      await refusing('attach', when, () =>
        client.sendConnect(persistent(named(`connect/${protocolVersion}`))),
      )
      const connack = await client.expect('connack', { sessionPresent: false })
      assert.equal(connack.reasonCode ?? connack.returnCode, code)
      await client.expectClosed()
      store.pace('pass', 'attach')
    }
  })

  for (const protocolVersion of [4, 5] as const) {
    const version = { protocolVersion }

    test(`closes ${when} when a subscription cannot be kept, version ${protocolVersion}`, async () => {
      const client = await resume(broker, named(`suback/${protocolVersion}`), version)
      await refusing('change', when, () =>
        client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'x', qos: 1 }] }),
      )
      await client.expectDisconnect('quota-exceeded')
    })

    test(`sends no PUBLISH of QoS 2 whose identifier is refused ${when}, and sends it when the client is back, version ${protocolVersion}`, async () => {
      const clientId = named(`send/${protocolVersion}`)
      const subscriber = await resume(broker, clientId, version)
      await subscriber.subscribe(clientId, 2)
      const publisher = await RawClient.connected(broker)
      store.pace(when === 'at once' ? 'refuse' : 'hold', 'send')
      await publisher.publish({ topic: clientId, payload: 'x', qos: 2 })
      if (when === 'late') {
        await store.waitFor('send')
        store.settleAll('send', FULL)
      }
      await subscriber.expectDisconnect('quota-exceeded')
      store.pace('pass', 'send')
      const back = await resume(broker, clientId, version)
      const { messageId } = await back.expect('publish', { payload: 'x', qos: 2 })
      back.send({ cmd: 'pubrec', messageId })
      await back.expect('pubrel', { messageId })
    })

    test(`sends no PUBREL when PUBREC cannot be kept ${when}, version ${protocolVersion}`, async () => {
      const clientId = named(`release/${protocolVersion}`)
      const subscriber = await resume(broker, clientId, version)
      await subscriber.subscribe(clientId, 2)
      const publisher = await RawClient.connected(broker)
      await publisher.publish({ topic: clientId, payload: 'x', qos: 2 })
      const { messageId } = await subscriber.expect('publish')
      await refusing('release', when, () => subscriber.send({ cmd: 'pubrec', messageId }))
      await subscriber.expectDisconnect('quota-exceeded')
    })
  }
}

test('forgets the identifier of a message that is refused after its publisher has gone [MQTT5-4.3.3-9]', async () => {
  await subscribeAndLeave(broker, 'refused-gone', 'refused-gone', 2)
  const publish = { cmd: 'publish', topic: 'refused-gone', payload: 'x', qos: 2, messageId: 3 } as const
  const before = await resume(broker, 'refused-gone-p')
  store.pace('hold-back', 'append')
  before.send(publish)
  const [append] = await store.waitFor('append')
  await before.disconnect()
  append?.settle(FULL)
  store.pace('pass', 'append')
  const after = await resume(broker, 'refused-gone-p')
  after.send({ ...publish, dup: true })
  await after.expect('pubrec', { messageId: 3, reasonCode: 0 })
  const back = await resume(broker, 'refused-gone')
  await back.expect('publish', { payload: 'x' })
})

test('says that a QoS 2 message is refused only when its identifier is forgotten for good [MQTT5-4.3.3-9]', async () => {
  await subscribeAndLeave(broker, 'refused-forget', 'refused-forget', 2)
  const publisher = await resume(broker, 'refused-forget-p')
  store.pace('refuse', 'append')
  store.pace('hold', 'forget')
  publisher.send({ cmd: 'publish', topic: 'refused-forget', payload: 'x', qos: 2, messageId: 3 })
  const [forget] = await store.waitFor('forget')
  await publisher.ping()
  forget?.settle()
  await publisher.expect('pubrec', { messageId: 3, reasonCode: 0x97 })
})

test('gives up a QoS 2 message that is too large for the client while its identifier is being bound [MQTT5-3.1.2-25]', async () => {
  const subscriber = await resume(broker, 'refused-large', {}, { maximumPacketSize: 100, receiveMaximum: 1 })
  await subscriber.subscribe('refused-large', 2)
  const publisher = await RawClient.connected(broker)
  store.pace('hold', 'send')
  await publisher.publish({ topic: 'refused-large', payload: 'x'.repeat(100), qos: 2 })
  await store.waitFor('send')
  await publisher.publish({ topic: 'refused-large', payload: 'fits', qos: 2 })
  store.pace('pass', 'send')
  store.settleAll()
  await subscriber.expect('publish', { payload: 'fits' })
})
