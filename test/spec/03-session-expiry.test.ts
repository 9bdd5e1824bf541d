// Session expiry: a session lives as long as it was granted after its connection, and no longer.

import assert from 'node:assert/strict'
import { setTimeout as passed } from 'node:timers/promises'
import { brokerForFile, startBroker } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { persistent, resume } from '../harness/sessions.ts'
import { testTogether } from '../harness/together.ts'

const broker = brokerForFile({ 'session-expiry-max': '3s', 'session-expiry-default': '1s' })

const transports = ['tcp', 'websocket'] as const

/** Looks without keeping or ending it: a resumed session of a client that says nothing else is left as it was. */
async function isPresent(clientId: string, sessionExpiryInterval: number): Promise<boolean> {
  const client = await RawClient.open(broker)
  const connack = await client.connect(persistent(clientId, { sessionExpiryInterval }))
  await client.disconnect()
  return connack.sessionPresent
}

testTogether(
  'discards the session once its expiry interval has passed, not before [MQTT5-4.1.0-2] [MQTT5-3.1.2-23]',
  async () => {
    await Promise.all(
      transports.flatMap(transport =>
        (['disconnect', 'close', 'destroy'] as const).map(async end => {
          const clientId = `expires-${transport}-${end}`
          const client = await resume(broker, clientId, { transport }, { sessionExpiryInterval: 2 })
          await client.subscribe(`expires/${transport}/${end}`, 1)
          await client[end]()
          await passed(1200)
          // Back in time, and gone again: the interval begins anew.
          assert.equal(await isPresent(clientId, 2), true, `${clientId} after 1.2 s`)
          await passed(1600)
          assert.equal(await isPresent(clientId, 2), true, `${clientId} 1.6 s later`)
          await passed(2500)
          assert.equal(await isPresent(clientId, 0), false, `${clientId} 2.5 s later`)
        }),
      ),
    )
  },
)

testTogether(
  'takes subscriptions and waiting messages along when a session expires [MQTT5-4.1.0-2]',
  async () => {
    const client = await resume(broker, 'expires-whole', {}, { sessionExpiryInterval: 1 })
    await client.subscribe('expires/whole', 1)
    await client.disconnect()
    const publisher = await RawClient.connected(broker)
    const kept = await publisher.publish({ topic: 'expires/whole', payload: 'waits', qos: 1 })
    assert.equal(kept?.reasonCode ?? 0, 0)
    await passed(1500)
    // "No matching subscribers": the subscription has gone, and nobody had to come back for that.
    const nobody = await publisher.publish({ topic: 'expires/whole', payload: 'too late', qos: 1 })
    assert.equal(nobody?.reasonCode, 0x10)
    const again = await RawClient.open(broker)
    assert.equal((await again.connect(persistent('expires-whole'))).sessionPresent, false)
    await again.ping()
  },
)

testTogether(
  'does not discard a session while it is connected, however long [MQTT5-4.1.0-1] [MQTT3-4.1.0-1] [MQTT3-4.1.0-2]',
  async () => {
    const publisher = await RawClient.connected(broker)
    await Promise.all(
      protocolVersions.map(async protocolVersion => {
        const clientId = `stays-${protocolVersion}`
        const client = await resume(broker, clientId, { protocolVersion }, { sessionExpiryInterval: 1 })
        const clean = await RawClient.connected(broker, { clean: true }, { protocolVersion })
        await client.subscribe(`stays/${protocolVersion}`, 1)
        await clean.subscribe(`stays/${protocolVersion}`, 1)
        await passed(2500)
        await publisher.publish({ topic: `stays/${protocolVersion}`, payload: 'here', qos: 1 })
        await client.expect('publish', { payload: 'here' })
        await clean.expect('publish', { payload: 'here' })
        client.destroy()
        const again = await resume(broker, clientId, { protocolVersion })
        await again.expect('publish', { payload: 'here', dup: true })
      }),
    )
  },
)

for (const asked of [4, 1000, 0xffffffff]) {
  testTogether(
    `ends a session that asked for ${asked} s after the 3 s it was granted [MQTT5-4.1.0-2]`,
    async () => {
      const clientId = `capped-${asked}`
      const client = await RawClient.open(broker)
      const connack = await client.connect(persistent(clientId, { sessionExpiryInterval: asked }))
      assert.equal(connack.properties?.sessionExpiryInterval, 3)
      await client.disconnect()
      await passed(3600)
      assert.equal(await isPresent(clientId, 0), false)
    },
  )
}

testTogether(
  'bounds 3.x sessions, which cannot say how long, by the setting [MQTT3-3.1.2-4] [MQTT3-4.1.0-1]',
  async () => {
    await Promise.all(
      ([3, 4] as const).map(async protocolVersion => {
        const clientId = `classic-${protocolVersion}`
        const client = await resume(broker, clientId, { protocolVersion })
        await client.subscribe(`classic/${protocolVersion}`, 1)
        await client.disconnect()
        await passed(500)
        const again = await resume(broker, clientId, { protocolVersion, autoAck: true })
        await again.publish({ topic: `classic/${protocolVersion}`, payload: 'kept', qos: 1 })
        await again.expect('publish', { payload: 'kept' })
        await again.disconnect()
        await passed(1600)
        assert.equal(await isPresent(clientId, 0), false)
      }),
    )
  },
)

testTogether(
  'takes a new expiry interval from DISCONNECT, shorter or longer, within the cap [MQTT5-4.1.0-2]',
  async () => {
    const leave = async (clientId: string, asked: number, sessionExpiryInterval: number): Promise<void> => {
      const client = await resume(broker, clientId, {}, { sessionExpiryInterval: asked })
      await client.disconnect({ properties: { sessionExpiryInterval } })
    }
    await leave('lowered-to-0', 3, 0)
    await leave('lowered-to-1', 3, 1)
    await leave('raised-to-3', 1, 3)
    await leave('raised-to-ever', 1, 0xffffffff)
    assert.equal(await isPresent('lowered-to-0', 0), false)
    await passed(1600)
    assert.equal(await isPresent('lowered-to-1', 0), false)
    assert.equal(await isPresent('raised-to-3', 0), true)
    await leave('raised-to-3', 1, 3)
    await passed(2000)
    assert.equal(await isPresent('raised-to-ever', 0), false, 'ever is 3 s here')
    assert.equal(await isPresent('raised-to-3', 0), true)
  },
)

testTogether(
  'refuses a DISCONNECT that prolongs a session that was to end with it, and ends it',
  async () => {
    const client = await RawClient.connected(broker, { clientId: 'prolonged', clean: false })
    client.send({ cmd: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 5 } })
    await client.expectDisconnect('protocol-error')
    assert.equal(await isPresent('prolonged', 0), false)
  },
)

testTogether(
  'applies the expiry interval of the latest CONNECT, not of the one before [MQTT5-4.1.0-2]',
  async () => {
    for (const [clientId, before, now] of [
      ['latest-0', 3, 0],
      ['latest-3', 1, 3],
    ] as const) {
      const first = await resume(broker, clientId, {}, { sessionExpiryInterval: before })
      await first.disconnect()
      const second = await resume(broker, clientId, {}, { sessionExpiryInterval: now })
      await second.disconnect()
    }
    assert.equal(await isPresent('latest-0', 0), false)
    await passed(1600)
    assert.equal(await isPresent('latest-3', 0), true)
  },
)

testTogether('keeps a session of 0xFFFFFFFF where the settings have no cap [MQTT5-3.1.2-23]', async () => {
  const own = await startBroker({ settings: { 'session-expiry-max': 'never' } })
  const client = await resume(own, 'for-ever', {}, { sessionExpiryInterval: 0xffffffff })
  await client.disconnect()
  await passed(300)
  const again = await RawClient.open(own)
  assert.equal((await again.connect(persistent('for-ever'))).sessionPresent, true)
  await own.stop()
})
