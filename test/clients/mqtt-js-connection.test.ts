// MQTT.js and the MQTT 5 features of connections and sessions, over both transports.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { brokerForFile } from '../harness/broker.ts'
import { CutProxy } from './cut-proxy.ts'
import { MqttJsPeer, transports, uniqueName } from './mqtt-js-peer.ts'

const maximumPacketSize = 64 * 1024
const broker = brokerForFile({
  'session-expiry-max': '1h',
  'keep-alive-max': '30s',
  'max-packet-size': maximumPacketSize,
  'receive-maximum': 10,
})

for (const transport of transports) {
  const join = (options = {}): Promise<MqttJsPeer> => MqttJsPeer.connect(broker, transport, options)

  test(`B15 a session lives as long as its expiry interval says (MQTT.js, ${transport}) [MQTT5-3.1.2-23]`, async () => {
    const visit = (clientId: string, sessionExpiryInterval: number): Promise<MqttJsPeer> =>
      join({ clientId, clean: false, properties: { sessionExpiryInterval } })
    const [short, long, changed] = [uniqueName(), uniqueName(), uniqueName()]
    await (await visit(short, 1)).end()
    const granted = await visit(long, 7200)
    assert.equal(granted.properties.sessionExpiryInterval, 3600)
    await granted.end()
    await (await visit(changed, 600)).end({ properties: { sessionExpiryInterval: 0 } })
    assert.equal((await visit(changed, 0)).sessionPresent, false)
    await sleep(1300)
    assert.equal((await visit(short, 0)).sessionPresent, false)
    assert.equal((await visit(long, 0)).sessionPresent, true)
  })

  test(`B15 a message lives as long as its expiry interval says, and tells what is left (MQTT.js, ${transport})`, async () => {
    const name = uniqueName()
    const session = { clientId: name, clean: false, properties: { sessionExpiryInterval: 60 } }
    const subscriber = await join(session)
    await subscriber.client.subscribeAsync(name, { qos: 1 })
    await subscriber.end()
    const publisher = await join()
    for (const messageExpiryInterval of [1, 100]) {
      const properties = { messageExpiryInterval }
      await publisher.client.publishAsync(name, String(messageExpiryInterval), { qos: 1, properties })
    }
    await sleep(1300)
    const returned = await join(session)
    const { payload, packet } = await returned.next()
    assert.equal(payload, '100')
    const left = packet.properties?.messageExpiryInterval ?? 0
    assert.ok(left >= 95 && left <= 99, String(left))
  })

  test(`no more than the client's Receive Maximum is sent unacknowledged (MQTT.js, ${transport}) [MQTT5-3.3.4-9]`, async () => {
    const { host, port, httpPort } = broker
    const proxy = await CutProxy.before({ host, port: transport === 'tcp' ? port : httpPort })
    const name = uniqueName()
    const options = { clientId: name, clean: false }
    const properties = { sessionExpiryInterval: 60, receiveMaximum: 2 }
    const subscriber = await MqttJsPeer.connect(proxy, transport, { ...options, properties })
    await subscriber.client.subscribeAsync(name, { qos: 1 })
    proxy.mute('to-broker')
    const publisher = await join()
    for (const payload of ['1', '2', '3', '4', '5']) {
      await publisher.client.publishAsync(name, payload, { qos: 1 })
    }
    await subscriber.take(2)
    await sleep(100)
    assert.equal(subscriber.messages.length, 2)
    proxy.cut()
    const returned = await join({ ...options, properties })
    const messages = await returned.take(5)
    assert.deepEqual(
      messages.map(({ payload, packet }) => [payload, packet.dup]),
      [
        ['1', true],
        ['2', true],
        ['3', false],
        ['4', false],
        ['5', false],
      ],
    )
  })

  test(`the broker says its Receive Maximum (MQTT.js, ${transport})`, async () => {
    assert.equal((await join()).properties.receiveMaximum, 10)
  })

  test(`a will waits for its delay, and is dropped when the client is back before (MQTT.js, ${transport}) [MQTT5-3.1.2-8] [MQTT5-3.1.3-9]`, async () => {
    const name = uniqueName()
    const watcher = await join()
    await watcher.client.subscribeAsync(name, { qos: 1 })
    const mortal = (clientId: string): Promise<MqttJsPeer> =>
      join({
        clientId,
        clean: false,
        properties: { sessionExpiryInterval: 60 },
        will: {
          topic: name,
          payload: Buffer.from(clientId),
          qos: 1,
          retain: false,
          properties: { willDelayInterval: 1, userProperties: { why: 'gone' } },
        },
      })
    const [gone, back] = [`${name}-gone`, `${name}-back`]
    const first = await mortal(gone)
    const second = await mortal(back)
    const cutAt = performance.now()
    first.cut()
    second.cut()
    const returned = await mortal(back)
    const { payload, packet } = await watcher.next()
    assert.equal(payload, gone)
    assert.equal(packet.properties?.userProperties?.['why'], 'gone')
    assert.ok(performance.now() - cutAt > 900)
    await returned.end()
    await sleep(300)
    assert.equal(watcher.messages.length, 1)
  })

  test(`acknowledgements say what happened by reason code (MQTT.js, ${transport})`, async () => {
    const name = uniqueName()
    const peer = await join()
    const reasons: unknown[] = []
    peer.client.on('packetreceive', packet => {
      if (packet.cmd === 'puback' || packet.cmd === 'pubrec') reasons.push(packet.reasonCode ?? 0)
      if (packet.cmd === 'suback' || packet.cmd === 'unsuback') reasons.push(...[packet.granted].flat())
    })
    await peer.client.publishAsync(name, 'nobody', { qos: 1 })
    await peer.client.publishAsync(name, 'nobody', { qos: 2 })
    await peer.client.subscribeAsync(name, { qos: 2 })
    await peer.client.publishAsync(name, 'somebody', { qos: 1 })
    await peer.client.unsubscribeAsync(name)
    await peer.client.unsubscribeAsync(name)
    assert.deepEqual(reasons, [0x10, 0x10, 2, 0, 0, 0x11])
  })

  test(`the broker ends a connection with the reason in DISCONNECT (MQTT.js, ${transport}) [MQTT5-3.8.3-4]`, async () => {
    const peer = await join()
    peer.client.subscribe('$share/group/topic', { qos: 1, nl: true }, () => undefined)
    const { reasonCode, properties } = await peer.disconnect()
    assert.equal(reasonCode, 0x82)
    assert.match(properties?.reasonString ?? '', /no local/i)
  })

  test(`the keep alive is the broker's where the client asks for more (MQTT.js, ${transport})`, async () => {
    const eager = await join({ keepalive: 600 })
    assert.equal(eager.properties.serverKeepAlive, 30)
    const modest = await join({ keepalive: 20 })
    assert.equal(modest.properties.serverKeepAlive, undefined)
  })

  test(`a client without an identifier is assigned one (MQTT.js, ${transport}) [MQTT5-3.2.2-16]`, async () => {
    const [first, second] = [await join({ clientId: '' }), await join({ clientId: '' })]
    const assigned = [first, second].map(peer => peer.properties.assignedClientIdentifier)
    assert.ok(assigned.every(clientId => clientId !== undefined && clientId !== ''))
    assert.notEqual(assigned[0], assigned[1])
    // The identifier is a name like any other: another connection can take the session over by it.
    await join({ clientId: assigned[0] })
    assert.equal((await first.disconnect()).reasonCode, 0x8e)
  })

  test(`packets above the maximum of either side are not sent and not taken (MQTT.js, ${transport}) [MQTT5-3.1.2-24] [MQTT5-3.1.2-25]`, async () => {
    const name = uniqueName()
    const small = await join({ properties: { maximumPacketSize: 200 } })
    await small.client.subscribeAsync(name, { qos: 1 })
    const publisher = await join()
    assert.equal(publisher.properties.maximumPacketSize, maximumPacketSize)
    await publisher.client.publishAsync(name, 'x'.repeat(300), { qos: 1 })
    await publisher.client.publishAsync(name, 'short', { qos: 1 })
    assert.equal((await small.next()).payload, 'short')
    publisher.client.publish(name, 'x'.repeat(maximumPacketSize), { qos: 1 }, () => undefined)
    assert.equal((await publisher.disconnect()).reasonCode, 0x95)
  })

  test(`B13 whose session is taken over is told so (MQTT.js, ${transport}) [MQTT5-3.1.4-3]`, async () => {
    const clientId = uniqueName()
    const first = await join({ clientId })
    await join({ clientId })
    const { reasonCode, properties } = await first.disconnect()
    assert.equal(reasonCode, 0x8e)
    assert.match(properties?.reasonString ?? '', /127\.0\.0\.1/)
  })
}
