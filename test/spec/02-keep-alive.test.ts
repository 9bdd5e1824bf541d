// Keep Alive: PINGREQ is answered, and a client that is silent for one and a half times as long is gone.

import assert from 'node:assert/strict'
import { setTimeout as passed } from 'node:timers/promises'
import { brokerForFile, startBroker } from '../harness/broker.ts'
import type { Outgoing } from '../harness/packets.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { testTogether } from '../harness/together.ts'

const broker = brokerForFile({ 'keep-alive-max': '2s', 'idle-timeout': '3s' })

const transports = ['tcp', 'websocket'] as const
const everyKind = protocolVersions.flatMap(protocolVersion =>
  transports.map(transport => ({ protocolVersion, transport })),
)

/** Milliseconds until the broker closes. */
async function silenceAllowed(client: RawClient, sinceMs: number): Promise<number> {
  await client.expectDisconnect('keep-alive-timeout', 5000)
  return performance.now() - sinceMs
}

function assertAbout(ms: number, expectedMs: number): void {
  // The timers tick every 100 ms, and the machine may be busy.
  assert.ok(ms >= expectedMs - 50 && ms < expectedMs + 700, `${Math.round(ms)} ms instead of ${expectedMs}`)
}

testTogether(
  'closes one and a half Keep Alives after CONNECT [MQTT5-3.1.2-22] [MQTT5-3.2.2-22] [MQTT3-3.1.2-24]',
  async () => {
    await Promise.all(
      everyKind.map(async kind => {
        const client = await RawClient.open(broker, kind)
        const since = performance.now()
        const connack = await client.connect({ keepalive: 1 })
        assert.equal(connack.properties?.serverKeepAlive, undefined)
        assertAbout(await silenceAllowed(client, since), 1500)
      }),
    )
  },
)

testTogether('counts from the last packet of any kind [MQTT5-3.1.2-22] [MQTT3-3.1.2-24]', async () => {
  const packets: readonly Outgoing[] = [
    { cmd: 'pingreq' },
    { cmd: 'publish', topic: 'keep-alive/any', payload: 'x', qos: 0 },
    { cmd: 'subscribe', messageId: 9, subscriptions: [{ topic: 'keep-alive/none', qos: 0 }] },
  ]
  await Promise.all(
    protocolVersions.flatMap(protocolVersion =>
      packets.map(async packet => {
        const client = await RawClient.connected(broker, { keepalive: 1 }, { protocolVersion })
        await passed(1200)
        client.send(packet)
        const since = performance.now()
        if (packet.cmd === 'pingreq') await client.expect('pingresp')
        if (packet.cmd === 'subscribe') await client.expect('suback')
        assertAbout(await silenceAllowed(client, since), 1500)
      }),
    ),
  )
})

testTogether('does not count what the client is sent [MQTT5-3.1.2-22] [MQTT3-3.1.2-24]', async () => {
  const publisher = await RawClient.connected(broker)
  await Promise.all(
    protocolVersions.map(async protocolVersion => {
      const topic = `keep-alive/sent/${protocolVersion}`
      const client = await RawClient.connected(broker, { keepalive: 1 }, { protocolVersion })
      await client.subscribe(topic)
      const since = performance.now()
      await passed(1000)
      await publisher.publish({ topic, payload: 'are you there', qos: 1 })
      await client.expect('publish')
      assertAbout(await silenceAllowed(client, since), 1500)
    }),
  )
})

testTogether(
  'answers every PINGREQ, and keeps who pings in time [MQTT5-3.12.4-1] [MQTT3-3.12.4-1]',
  async () => {
    await Promise.all(
      everyKind.map(async kind => {
        const client = await RawClient.connected(broker, { keepalive: 1 }, kind)
        for (let round = 0; round < 5; round++) {
          await passed(500)
          await client.ping()
        }
        client.send('c0 00 c0 00 c0 00')
        for (let count = 0; count < 3; count++) await client.expect('pingresp')
        await client.ping()
      }),
    )
  },
)

for (const asked of [0, 3, 65_535]) {
  testTogether(
    `gives a 5.0 client that asks for ${asked} s the longest Keep Alive, and holds it to that [MQTT5-3.1.2-22]`,
    async () => {
      const client = await RawClient.open(broker)
      const since = performance.now()
      const connack = await client.connect({ keepalive: asked })
      assert.equal(connack.properties?.serverKeepAlive, 2)
      assertAbout(await silenceAllowed(client, since), 3000)
    },
  )
}

testTogether(
  'uses the Keep Alive of a 3.x client, which cannot be told another one [MQTT3-3.1.2-24]',
  async () => {
    await Promise.all(
      ([3, 4] as const).map(async protocolVersion => {
        const since = performance.now()
        const client = await RawClient.connected(broker, { keepalive: 3 }, { protocolVersion })
        await client.expectSilence(3500)
        assertAbout(await silenceAllowed(client, since), 4500)
      }),
    )
  },
)

testTogether('closes a 3.x client without Keep Alive after the idle time of the settings', async () => {
  const since = performance.now()
  const client = await RawClient.connected(broker, { keepalive: 0 }, { protocolVersion: 4 })
  assertAbout(await silenceAllowed(client, since), 3000)
})

testTogether('never closes for silence where Keep Alive and the limits are off', async () => {
  const own = await startBroker({ settings: { 'keep-alive-max': 'off', 'idle-timeout': 'off' } })
  await Promise.all(
    protocolVersions.map(async protocolVersion => {
      const client = await RawClient.open(own, { protocolVersion })
      const connack = await client.connect({ keepalive: 0 })
      assert.equal(connack.properties?.serverKeepAlive, undefined)
      await client.expectSilence(2500)
      await client.ping()
    }),
  )
  await own.stop()
})
