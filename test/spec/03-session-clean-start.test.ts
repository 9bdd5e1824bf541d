// Clean Start and Session Present: which session a CONNECT gets, and what it finds in it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { payloads, persistent, resume, subscribeAndLeave } from '../harness/sessions.ts'

const broker = brokerForFile()

/** 3.1 has sessions, too, but no way to say so. */
const versionsWithSessionPresent = [4, 5] as const
const transports = ['tcp', 'websocket'] as const

async function publish(topic: string, payload: string, qos: 0 | 1 | 2 = 1): Promise<void> {
  const publisher = await RawClient.connected(broker)
  await publisher.publish({ topic, payload, qos })
  await publisher.ping()
  publisher.destroy()
}

for (const protocolVersion of versionsWithSessionPresent) {
  for (const transport of transports) {
    const kind = `version ${protocolVersion}, ${transport}`
    const options = { protocolVersion, transport }

    const createTags = '[MQTT5-3.1.2-6] [MQTT5-3.1.4-4] [MQTT5-3.2.2-3] [MQTT3-3.1.2-4] [MQTT3-3.2.2-3]'
    test(`creates a session where there is none, ${kind} ${createTags}`, async () => {
      const client = await RawClient.open(broker, options)
      const connack = await client.connect(persistent(`new-${protocolVersion}-${transport}`))
      assert.equal(connack.returnCode ?? connack.reasonCode, 0)
      assert.equal(connack.sessionPresent, false)
      assert.equal(connack.raw[2], 0)
    })

    const resumeTags =
      '[MQTT5-3.1.2-5] [MQTT5-3.1.2-23] [MQTT5-3.2.2-3] [MQTT3-3.1.2-4] [MQTT3-3.1.4-3] [MQTT3-3.2.2-2]'
    test(`resumes the session that is there, ${kind} ${resumeTags}`, async () => {
      const clientId = `there-${protocolVersion}-${transport}`
      await subscribeAndLeave(broker, clientId, `there/${clientId}`, 1, options)
      await publish(`there/${clientId}`, 'while away')
      const client = await RawClient.open(broker, options)
      const connack = await client.connect(persistent(clientId))
      assert.equal(connack.returnCode ?? connack.reasonCode, 0)
      assert.equal(connack.sessionPresent, true)
      assert.deepEqual(await payloads(client, 1), ['while away'])
      await publish(`there/${clientId}`, 'still subscribed')
      assert.deepEqual(await payloads(client, 1), ['still subscribed'])
    })

    const cleanTags =
      '[MQTT5-3.1.2-4] [MQTT5-3.1.4-4] [MQTT5-3.2.2-2] [MQTT3-3.1.2-6] [MQTT3-3.1.4-3] [MQTT3-3.2.2-1]'
    test(`discards the session and begins anew, ${kind} ${cleanTags}`, async () => {
      const clientId = `clean-${protocolVersion}-${transport}`
      await subscribeAndLeave(broker, clientId, `clean/${clientId}`, 1, options)
      await publish(`clean/${clientId}`, 'never seen')
      const client = await RawClient.open(broker, options)
      const connack = await client.connect({ ...persistent(clientId), clean: true })
      assert.equal(connack.returnCode ?? connack.reasonCode, 0)
      assert.equal(connack.sessionPresent, false)
      await publish(`clean/${clientId}`, 'nobody subscribed')
      await client.ping()
    })
  }
}

for (const protocolVersion of [3, 4] as const) {
  const tags = '[MQTT3-3.1.2-6] [MQTT3-3.2.2-3] [MQTT3-4.1.0-2]'
  test(`ends a clean session with its connection, version ${protocolVersion} ${tags}`, async () => {
    const clientId = `brief-${protocolVersion}`
    const clean = await RawClient.connected(broker, { clientId, clean: true }, { protocolVersion })
    await clean.subscribe(clientId, 1)
    await publish(clientId, 'connected')
    await clean.expect('publish', { payload: 'connected' })
    await clean.disconnect()
    await publish(clientId, 'gone')
    const client = await RawClient.open(broker, { protocolVersion })
    const connack = await client.connect(persistent(clientId))
    assert.equal(connack.sessionPresent, false)
    await publish(clientId, 'not subscribed')
    await client.ping()
  })
}

test('ends a 5.0 session without an expiry interval with its connection, however that ends [MQTT5-4.1.0-2]', async () => {
  for (const end of ['disconnect', 'close', 'destroy'] as const) {
    const clientId = `no-expiry-${end}`
    const client = await RawClient.connected(broker, { clientId, clean: false })
    await client.subscribe(clientId, 1)
    await client[end]()
    await publish('barrier', end)
    const again = await RawClient.open(broker)
    assert.equal((await again.connect(persistent(clientId))).sessionPresent, false)
  }
})

test('keeps a 5.0 session begun with Clean Start 1 and an expiry interval [MQTT5-3.1.2-23] [MQTT5-3.2.2-3]', async () => {
  const first = await RawClient.connected(broker, { ...persistent('clean-yet-kept'), clean: true })
  await first.disconnect()
  const again = await RawClient.open(broker)
  assert.equal((await again.connect(persistent('clean-yet-kept'))).sessionPresent, true)
})

for (const protocolVersion of protocolVersions) {
  for (const transport of transports) {
    const tags = '[MQTT5-3.1.2-23] [MQTT5-4.1.0-1] [MQTT3-3.1.2-4] [MQTT3-4.1.0-1]'
    test(`keeps all of a session while it is away, version ${protocolVersion}, ${transport} ${tags}`, async () => {
      const clientId = `whole-${protocolVersion}-${transport}`
      const topic = `whole/${clientId}`
      const options = { protocolVersion, transport }
      const client = await resume(broker, clientId, options)
      await client.subscribe(`${topic}/#`, 2)
      // Sent and not acknowledged; received by PUBREC and not released; a QoS 2 publish not released by the client.
      await publish(`${topic}/one`, 'unacknowledged', 1)
      const first = await client.expect('publish', { payload: 'unacknowledged' })
      await publish(`${topic}/two`, 'half way', 2)
      const second = await client.expect('publish', { payload: 'half way' })
      client.send({ cmd: 'pubrec', messageId: second.messageId })
      await client.expect('pubrel', { messageId: second.messageId })
      client.send({ cmd: 'publish', topic: `own/${clientId}`, payload: 'own', qos: 2, messageId: 77 })
      await client.expect('pubrec', { messageId: 77 })
      // Without DISCONNECT: over WebSocket, too, only the connection is over.
      client.close()
      await client.expectClosed()
      await publish(`${topic}/three`, 'queued', 1)

      const again = await resume(broker, clientId, options)
      const dup = await again.expect('publish', { payload: 'unacknowledged', dup: true })
      assert.equal(dup.messageId, first.messageId)
      await again.expect('pubrel', { messageId: second.messageId })
      await again.expect('publish', { payload: 'queued', dup: false })
      again.send({
        cmd: 'publish',
        topic: `own/${clientId}`,
        payload: 'own',
        qos: 2,
        dup: true,
        messageId: 77,
      })
      await again.expect('pubrec', { messageId: 77 })
    })
  }
}

test('finds a session of any version and transport from any other [MQTT5-3.1.3-2] [MQTT3-3.1.3-2]', async () => {
  const clientId = 'any-version'
  const kinds = protocolVersions.flatMap(protocolVersion =>
    transports.map(transport => ({ protocolVersion, transport })),
  )
  const first = await resume(broker, clientId, { protocolVersion: 3 })
  await first.subscribe(clientId, 1)
  await first.disconnect()
  for (const kind of kinds) {
    const payload = `${kind.protocolVersion} ${kind.transport}`
    await publish(clientId, payload)
    const client = await RawClient.open(broker, { ...kind, autoAck: true })
    const connack = await client.connect(persistent(clientId))
    assert.equal(connack.sessionPresent, kind.protocolVersion > 3)
    await client.expect('publish', { payload, qos: 1 })
    await client.ping()
    await client.disconnect()
  }
})
