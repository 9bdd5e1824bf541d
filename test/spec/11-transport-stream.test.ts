// TCP and WebSocket as ordered, lossless streams, with clients that are not ours.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { connectAsync } from 'mqtt'
import { SeededRandom } from '../fuzz/seeded-random.ts'
import { brokerForFile } from '../harness/broker.ts'
import { encode } from '../harness/packets.ts'
import { requireProgram } from '../harness/programs.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()
const run = promisify(execFile)

const MESSAGES = 150

for (const transport of ['tcp', 'websocket'] as const) {
  for (const protocolVersion of protocolVersions) {
    test(`carries ${MESSAGES} messages over ${transport} in version ${protocolVersion} in order and unchanged, however they are cut [MQTT5-4.2.0-1] [MQTT3-7.1.1-1]`, async () => {
      const random = new SeededRandom(protocolVersion)
      const topic = `stream/${transport}/${protocolVersion}`
      const payloads = Array.from({ length: MESSAGES }, (_, index) =>
        Buffer.concat([Buffer.from([index]), random.bytes(random.once(10) ? 9_000 : 200)]),
      )
      const client = await RawClient.connected(broker, {}, { transport, protocolVersion })
      await client.subscribe(topic)
      const stream = Buffer.concat(
        payloads.map(payload => encode({ cmd: 'publish', topic, payload }, protocolVersion)),
      )
      const sizes = Array.from({ length: 300 }, () => 1 + random.below(2 * (stream.length / 300)))
      await client.sendFragments(stream, sizes)
      const received = await client.collect(MESSAGES)
      assert.deepEqual(
        received.map(publish => publish.payload),
        payloads,
      )
    })
  }
}

for (const protocolVersion of [3, 4, 5] as const) {
  for (const scheme of ['mqtt', 'ws'] as const) {
    test(`works with MQTT.js over ${scheme} in version ${protocolVersion} [MQTT3-7.0.0-2]`, async () => {
      const url = scheme === 'mqtt' ? broker.url : broker.websocketUrl
      const protocolId = protocolVersion === 3 ? 'MQIsdp' : 'MQTT'
      const client = await connectAsync(url, { protocolVersion, protocolId, reconnectPeriod: 0 })
      try {
        const topic = `mqttjs/${scheme}/${protocolVersion}`
        const { promise, resolve } = Promise.withResolvers<Buffer>()
        client.on('message', (_topic, payload) => resolve(payload))
        await client.subscribeAsync(topic, { qos: 2 })
        await client.publishAsync(topic, 'hello', { qos: 2 })
        assert.equal((await promise).toString(), 'hello')
      } finally {
        await client.endAsync()
      }
    })
  }
}

const publisher = await requireProgram('mosquitto_pub')
const subscriber = await requireProgram('mosquitto_sub')
const missing = 'skip' in publisher ? publisher.skip : 'skip' in subscriber ? subscriber.skip : false

for (const version of ['mqttv31', 'mqttv311', 'mqttv5']) {
  test(`works with the clients of mosquitto in ${version} [MQTT3-7.0.0-2]`, { skip: missing }, async () => {
    if ('skip' in publisher || 'skip' in subscriber) return
    const at = ['-h', broker.host, '-p', String(broker.port), '-V', version, '-q', '2', '-t', `m/${version}`]
    await run(publisher.path, [...at, '-r', '-m', 'kept'])
    const { stdout } = await run(subscriber.path, [...at, '-C', '1', '-W', '5'])
    assert.equal(stdout.trim(), 'kept')
  })
}
