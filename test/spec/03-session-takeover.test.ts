// Takeover: a client identifier that connects again ends its older connection and goes on with the session.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { persistent, resume } from '../harness/sessions.ts'

const broker = brokerForFile()

const transports = ['tcp', 'websocket'] as const

for (const older of protocolVersions) {
  for (const newer of protocolVersions) {
    for (const transport of transports) {
      const tags = '[MQTT5-3.1.4-3] [MQTT3-3.1.4-2] [MQTT5-4.1.0-1]'
      test(`version ${newer} over ${transport} takes a session over from version ${older} ${tags}`, async () => {
        const clientId = `over-${older}-${newer}-${transport}`
        const first = await resume(broker, clientId, { protocolVersion: older })
        await first.subscribe(clientId, 1)
        const second = await RawClient.open(broker, { protocolVersion: newer, transport })
        const connack = await second.connect(persistent(clientId))
        assert.equal(connack.sessionPresent, newer > 3)
        await first.expectDisconnect('session-taken-over')
        await second.publish({ topic: clientId, payload: 'mine now', qos: 1 })
        await second.expect('publish', { payload: 'mine now' })
      })
    }
  }
}

for (const protocolVersion of protocolVersions) {
  const tags = '[MQTT5-3.1.4-3] [MQTT3-3.1.4-2] [MQTT5-3.2.2-2] [MQTT3-3.2.2-1]'
  test(`takes over from a client that asked for no session either, version ${protocolVersion} ${tags}`, async () => {
    const fields = { clientId: `both-clean-${protocolVersion}`, clean: true }
    const first = await RawClient.connected(broker, fields, { protocolVersion })
    await first.subscribe(`both-clean/${protocolVersion}`, 1)
    const second = await RawClient.open(broker, { protocolVersion })
    assert.equal((await second.connect(fields)).sessionPresent, false)
    await first.expectDisconnect('session-taken-over')
    await second.publish({ topic: `both-clean/${protocolVersion}`, payload: 'to nobody', qos: 1 })
    await second.ping()
  })

  test(`sends again what the older connection had not acknowledged, version ${protocolVersion} [MQTT5-4.1.0-1] [MQTT3-4.1.0-1]`, async () => {
    const clientId = `in-flight-${protocolVersion}`
    const first = await resume(broker, clientId, { protocolVersion })
    await first.subscribe(clientId, 1)
    const publisher = await RawClient.connected(broker)
    await publisher.publish({ topic: clientId, payload: 'acknowledged', qos: 1 })
    await publisher.publish({ topic: clientId, payload: 'not acknowledged', qos: 1 })
    const [done, open] = await first.collect(2)
    assert.ok(done !== undefined && open !== undefined)
    first.send({ cmd: 'puback', messageId: done.messageId })
    await first.ping()
    const second = await resume(broker, clientId, { protocolVersion })
    await second.expect('publish', { payload: 'not acknowledged', dup: true, messageId: open.messageId })
    await second.ping()
  })

  test(`heeds nothing that the older connection still says, version ${protocolVersion} [MQTT5-3.1.4-3] [MQTT3-3.1.4-2]`, async () => {
    const clientId = `fenced-${protocolVersion}`
    const first = await resume(broker, clientId, { protocolVersion })
    first.pauseReading()
    const second = await resume(broker, clientId, { protocolVersion })
    first.send({ cmd: 'subscribe', messageId: 5, subscriptions: [{ topic: `${clientId}/#`, qos: 1 }] })
    first.send({ cmd: 'publish', topic: `${clientId}/x`, payload: 'late', qos: 0 })
    first.send({ cmd: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 0 } })
    first.resumeReading()
    await first.expectDisconnect('session-taken-over')
    await second.publish({ topic: `${clientId}/x`, payload: 'to nobody', qos: 1 })
    await second.ping()
    second.destroy()
    const third = await RawClient.open(broker, { protocolVersion })
    assert.equal((await third.connect(persistent(clientId))).sessionPresent, protocolVersion > 3)
  })
}

test('ends the session of expiry 0 with the connection that is taken over [MQTT5-3.1.4-3] [MQTT5-3.2.2-3]', async () => {
  const first = await RawClient.connected(broker, { clientId: 'expiry-0', clean: false })
  await first.subscribe('expiry-0', 1)
  const second = await RawClient.open(broker)
  assert.equal((await second.connect(persistent('expiry-0'))).sessionPresent, false)
  await first.expectDisconnect('session-taken-over')
  await second.publish({ topic: 'expiry-0', payload: 'to nobody', qos: 1 })
  await second.ping()
})

test('discards the session when a clean CONNECT takes it over [MQTT5-3.1.2-4] [MQTT5-3.1.4-3]', async () => {
  const first = await resume(broker, 'cleaned-over')
  await first.subscribe('cleaned-over', 1)
  const second = await RawClient.open(broker)
  const connack = await second.connect({ ...persistent('cleaned-over'), clean: true })
  assert.equal(connack.sessionPresent, false)
  await first.expectDisconnect('session-taken-over')
  await second.publish({ topic: 'cleaned-over', payload: 'to nobody', qos: 1 })
  await second.ping()
})

test('tells the one taken over from where, and both may go on fighting [MQTT5-3.1.4-3]', async () => {
  let holder = await resume(broker, 'fight')
  for (let round = 0; round < 30; round++) {
    const next = await resume(broker, 'fight', { transport: transports[round % 2] ?? 'tcp' })
    const disconnect = await holder.expect('disconnect', { reasonCode: 0x8e })
    assert.match(disconnect.properties?.reasonString ?? '', /127\.0\.0\.1/)
    await holder.expectClosed()
    holder = next
  }
  await holder.ping()
})

test('leaves a session alone when the CONNECT for its id is refused [MQTT5-3.1.4-2] [MQTT5-3.1.4-3]', async () => {
  const first = await resume(broker, 'not-by-that')
  const client = await RawClient.open(broker)
  await client.connect(persistent('not-by-that', { authenticationMethod: 'unheard-of' }))
  await client.expectClosed()
  await first.ping()
})
