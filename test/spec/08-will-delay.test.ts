// Will Delay Interval: the will waits for the client to come back, but never longer than the session.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { setTimeout as passed } from 'node:timers/promises'
import { brokerForFile } from '../harness/broker.ts'
import type { Outgoing } from '../harness/packets.ts'
import { RawClient, type RawClientOptions } from '../harness/raw-client.ts'
import { testTogether } from '../harness/together.ts'

const broker = brokerForFile({ 'will-delay-max': '3s' })

const transports = ['tcp', 'websocket'] as const

const ownTopic = (): string => `will-delay/${randomBytes(6).toString('hex')}`

interface Asked {
  readonly topic: string
  readonly delay: number
  /** Session Expiry Interval; 0 is left out. */
  readonly expiry: number
  readonly clean?: boolean
  readonly will?: Partial<NonNullable<Outgoing<'connect'>['will']>>
}

/** The client identifier is the topic. */
function asked({ topic, delay, expiry, clean = false, will = {} }: Asked): Partial<Outgoing<'connect'>> {
  const properties = { willDelayInterval: delay, ...will.properties }
  return {
    clientId: topic,
    clean,
    properties: expiry === 0 ? {} : { sessionExpiryInterval: expiry },
    will: { topic, payload: Buffer.from('late'), qos: 1, retain: false, ...will, properties },
  }
}

/** A session of the same client identifier without a will. */
function back(topic: string, clean = false): Partial<Outgoing<'connect'>> {
  return { clientId: topic, clean, properties: { sessionExpiryInterval: 60 } }
}

async function watch(topic: string): Promise<RawClient> {
  const watcher = await RawClient.connected(broker, {}, { autoAck: true })
  await watcher.subscribe(topic, 1)
  return watcher
}

/** Milliseconds until the will arrives; it must be the next packet. */
async function willAfter(watcher: RawClient, sinceMs: number): Promise<number> {
  await watcher.expect('publish', { payload: 'late' }, 5000)
  return performance.now() - sinceMs
}

function assertAbout(ms: number, expectedMs: number): void {
  assert.ok(ms >= expectedMs - 50 && ms < expectedMs + 700, `${Math.round(ms)} ms instead of ${expectedMs}`)
}

async function connect(
  fields: Partial<Outgoing<'connect'>>,
  options: RawClientOptions = {},
): Promise<RawClient> {
  return RawClient.connected(broker, fields, options)
}

testTogether(
  'publishes the will when its delay has passed, however the connection ended [MQTT5-3.1.2-8]',
  async () => {
    const ends = [
      (client: RawClient) => client.close(),
      (client: RawClient) => client.destroy(),
      (client: RawClient) => client.send('00 00'),
      (client: RawClient) => client.disconnect({ reasonCode: 0x04 }),
    ]
    await Promise.all(
      transports.flatMap(transport =>
        ends.map(async end => {
          const topic = ownTopic()
          const watcher = await watch(topic)
          const client = await connect(asked({ topic, delay: 1, expiry: 60 }), { transport })
          const since = performance.now()
          await end(client)
          assertAbout(await willAfter(watcher, since), 1000)
        }),
      ),
    )
  },
)

testTogether(
  'publishes the will at the end of the session when that is earlier [MQTT5-3.1.2-8]',
  async () => {
    const topic = ownTopic()
    const watcher = await watch(topic)
    const client = await connect(asked({ topic, delay: 3, expiry: 1 }))
    const since = performance.now()
    client.destroy()
    assertAbout(await willAfter(watcher, since), 1000)
  },
)

testTogether(
  'publishes a delayed will at once when the session ends with its connection [MQTT5-3.1.2-8]',
  async () => {
    for (const clean of [true, false]) {
      const topic = ownTopic()
      const watcher = await watch(topic)
      const client = await connect(asked({ topic, delay: 3, expiry: 0, clean }))
      const since = performance.now()
      client.destroy()
      assertAbout(await willAfter(watcher, since), 0)
    }
  },
)

testTogether(
  'publishes a delayed will at once when DISCONNECT lowers the session expiry to 0 [MQTT5-3.1.2-8]',
  async () => {
    const topic = ownTopic()
    const watcher = await watch(topic)
    const client = await connect(asked({ topic, delay: 3, expiry: 60 }))
    const since = performance.now()
    await client.disconnect({ reasonCode: 0x04, properties: { sessionExpiryInterval: 0 } })
    assertAbout(await willAfter(watcher, since), 0)
  },
)

testTogether(
  'sends no will when the client is back within the delay [MQTT5-3.1.3-9] [MQTT5-3.1.2-8]',
  async () => {
    await Promise.all(
      transports.map(async transport => {
        const topic = ownTopic()
        const watcher = await watch(topic)
        const client = await connect(asked({ topic, delay: 1, expiry: 60 }), { transport })
        client.destroy()
        await passed(400)
        const again = await connect(back(topic), { transport })
        await watcher.expectSilence(1200)
        // Nor when it leaves again: the will was that of the earlier connection.
        again.destroy()
        await watcher.expectSilence(1200)
      }),
    )
  },
)

testTogether('sends no delayed will on takeover, for the client is there [MQTT5-3.1.3-9]', async () => {
  const topic = ownTopic()
  const watcher = await watch(topic)
  const client = await connect(asked({ topic, delay: 1, expiry: 60 }))
  const again = await connect(back(topic))
  await client.expectDisconnect('session-taken-over')
  await watcher.expectSilence(1300)
  await again.ping()
})

testTogether(
  'gives a client that is back the delay of its new will [MQTT5-3.1.3-9] [MQTT5-3.1.2-7]',
  async () => {
    const topic = ownTopic()
    const watcher = await watch(topic)
    const first = await connect(asked({ topic, delay: 1, expiry: 60, will: { payload: Buffer.from('old') } }))
    first.destroy()
    await passed(600)
    const second = await connect(asked({ topic, delay: 1, expiry: 60 }))
    await passed(600)
    const since = performance.now()
    second.destroy()
    assertAbout(await willAfter(watcher, since), 1000)
    await watcher.ping()
  },
)

for (const delay of [0, 1, 3]) {
  testTogether(
    `publishes a will of delay ${delay} at once on takeover of a session of expiry 0 [MQTT5-3.1.2-8]`,
    async () => {
      const topic = ownTopic()
      const watcher = await watch(topic)
      const client = await connect(asked({ topic, delay, expiry: 0 }))
      const since = performance.now()
      await connect(back(topic))
      await client.expectDisconnect('session-taken-over')
      assertAbout(await willAfter(watcher, since), 0)
      await watcher.expectSilence(delay === 1 ? 1200 : 0)
    },
  )

  testTogether(
    `publishes a will of delay ${delay} at once on a clean takeover, for its session has ended [MQTT5-3.1.2-8]`,
    async () => {
      const topic = ownTopic()
      const watcher = await watch(topic)
      const client = await connect(asked({ topic, delay, expiry: 60 }))
      const since = performance.now()
      await connect(back(topic, true))
      await client.expectDisconnect('session-taken-over')
      assertAbout(await willAfter(watcher, since), 0)
      await watcher.ping()
    },
  )
}

testTogether(
  'publishes a waiting will at once when a clean CONNECT ends its session [MQTT5-3.1.2-8]',
  async () => {
    const topic = ownTopic()
    const watcher = await watch(topic)
    const client = await connect(asked({ topic, delay: 3, expiry: 60 }))
    client.destroy()
    await passed(200)
    const since = performance.now()
    await connect(back(topic, true))
    assertAbout(await willAfter(watcher, since), 0)
  },
)

testTogether('publishes the delayed will once, and keeps the session [MQTT5-3.1.2-10]', async () => {
  const topic = ownTopic()
  const watcher = await watch(topic)
  const client = await connect(asked({ topic, delay: 1, expiry: 60 }))
  const since = performance.now()
  client.destroy()
  assertAbout(await willAfter(watcher, since), 1000)
  const again = await RawClient.open(broker)
  const connack = await again.connect(back(topic))
  assert.equal(connack.sessionPresent, true)
  again.destroy()
  await watcher.expectSilence(1200)
})

for (const [delay, clean] of [
  [0, false],
  [1, false],
  [0, true],
  [1, true],
] as const) {
  const end = clean ? 'is cleaned' : 'expires'
  testTogether(
    `publishes a will of delay ${delay} once, though its session ${end} later [MQTT5-3.1.2-10]`,
    async () => {
      const topic = ownTopic()
      const watcher = await watch(topic)
      const client = await connect(asked({ topic, delay, expiry: clean ? 60 : 2 }))
      const since = performance.now()
      client.destroy()
      assertAbout(await willAfter(watcher, since), delay * 1000)
      if (clean) await connect(back(topic, true))
      await watcher.expectSilence(clean ? 300 : 2500)
    },
  )
}

testTogether('cuts a longer delay to the setting', async () => {
  const topic = ownTopic()
  const watcher = await watch(topic)
  const client = await connect(asked({ topic, delay: 1000, expiry: 60 }))
  const since = performance.now()
  client.destroy()
  assertAbout(await willAfter(watcher, since), 3000)
})

testTogether(
  'counts the message expiry of a will from its publication, and does not forward the delay',
  async () => {
    const topic = ownTopic()
    const watcher = await watch(topic)
    const will = { properties: { messageExpiryInterval: 1, willDelayInterval: 2 } }
    const client = await connect(asked({ topic, delay: 2, expiry: 60, will }))
    client.destroy()
    const publish = await watcher.expect('publish', { payload: 'late' }, 4000)
    assert.deepEqual(publish.properties, { messageExpiryInterval: 1 })
  },
)

testTogether(
  'retains a delayed will that asks for it, from its publication on [MQTT5-3.1.2-15]',
  async () => {
    const topic = ownTopic()
    const watcher = await watch(topic)
    const client = await connect(asked({ topic, delay: 1, expiry: 60, will: { retain: true } }))
    client.destroy()
    const early = await watch(topic)
    await early.ping()
    await willAfter(watcher, performance.now())
    const later = await watch(topic)
    await later.expect('publish', { payload: 'late', retain: true })
  },
)
