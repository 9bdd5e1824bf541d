// Who gets a WebSocket: sub-protocols, paths, web pages by their origin, compression, and what plain HTTP is told.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile, startBroker } from '../harness/broker.ts'
import { encode } from '../harness/packets.ts'
import { RawClient } from '../harness/raw-client.ts'
import { askUpgrade } from '../harness/upgrade.ts'

const broker = brokerForFile()
const transport = 'websocket'

const chosen: readonly [offered: string, answered: string][] = [
  ['mqtt', 'mqtt'],
  ['mqttv3.1', 'mqttv3.1'],
  ['mqttv3.1, mqtt', 'mqtt'],
  ['mqtt, mqttv3.1', 'mqtt'],
  ['wamp, mqtt', 'mqtt'],
  [' mqtt ,wamp', 'mqtt'],
]
for (const [offered, answered] of chosen) {
  test(`returns the sub-protocol ${answered} when offered "${offered}" [MQTT5-6.0.0-4] [MQTT3-6.0.0-4]`, async () => {
    const { status, headers } = await askUpgrade(broker, { headers: { 'sec-websocket-protocol': offered } })
    assert.equal(status, 101)
    assert.equal(headers['sec-websocket-protocol'], answered)
  })
}

for (const offered of [undefined, 'wamp', 'MQTT', 'mqttv5', 'xmqtt', 'mqtt2', 'constructor', 'a,b,c']) {
  test(`refuses a handshake that offers the sub-protocol ${offered ?? '(none)'} with 400`, async () => {
    const { status, body } = await askUpgrade(broker, { headers: { 'sec-websocket-protocol': offered } })
    assert.equal(status, 400)
    assert.match(body, /mqtt/)
  })
}

for (const protocolVersion of [3, 4, 5] as const) {
  test(`serves version ${protocolVersion} on the sub-protocol mqttv3.1, too [MQTT5-4.2.0-1] [MQTT3-7.1.1-1]`, async () => {
    const websocket = { subProtocols: ['mqttv3.1'] }
    const client = await RawClient.connected(broker, {}, { transport, protocolVersion, websocket })
    await client.ping()
  })
}

test('answers a GET of the WebSocket path with 426 and says what it speaks', async () => {
  const response = await fetch(`${broker.httpUrl}/mqtt`)
  assert.equal(response.status, 426)
  assert.equal(response.headers.get('upgrade'), 'websocket')
  assert.match(await response.text(), /MQTT over WebSocket/)
})

test('answers other methods on the WebSocket path with an error, not with a hang', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const response = await fetch(`${broker.httpUrl}/mqtt`, { method })
    assert.ok(response.status >= 400 && response.status < 500, `${method}: ${response.status}`)
  }
})

for (const path of ['/', '/mqtt/deeper', '/mqttx', '/MQTT', '/nothing', '/health/live']) {
  test(`gives no WebSocket on the path ${path}`, async () => {
    assert.notEqual((await askUpgrade(broker, { path })).status, 101)
  })
}

test('accepts a query behind the WebSocket path', async () => {
  assert.equal((await askUpgrade(broker, { path: '/mqtt?token=x' })).status, 101)
})

const bad: readonly [what: string, headers: Record<string, string | undefined>][] = [
  ['another WebSocket version', { 'sec-websocket-version': '7' }],
  ['no key', { 'sec-websocket-key': undefined }],
  ['a key that is none', { 'sec-websocket-key': 'short' }],
  ['an ill-formed list of sub-protocols', { 'sec-websocket-protocol': 'mqtt,,mqtt' }],
]
for (const [what, headers] of bad) {
  test(`refuses a handshake with ${what} with 4xx`, async () => {
    const { status } = await askUpgrade(broker, { headers })
    assert.ok(status >= 400 && status < 500, `status ${status}`)
  })
}

/** The Origin header, and the status under the default `localhost`; `{host}` is the broker's own address. */
const origins: readonly [origin: string, status: number][] = [
  ['http://localhost', 101],
  ['http://localhost:3000', 101],
  ['https://127.0.0.1:8443', 101],
  ['http://[::1]:5173', 101],
  ['http://{host}', 101],
  ['http://example.org', 403],
  ['https://localhost.example.org', 403],
  ['http://127.0.0.1.example.org', 403],
  ['http://localhost@example.org', 403],
  ['http://notlocalhost', 403],
  ['null', 403],
  ['file://', 403],
  ['ftp://localhost', 403],
  ['localhost', 403],
  ['*', 403],
  ['same', 403],
  ['', 403],
]
for (const [origin, expected] of origins) {
  test(`answers a page of the origin "${origin}" with ${expected} by default`, async () => {
    const sent = origin.replace('{host}', `${broker.host}:${broker.httpPort}`)
    const { status, body } = await askUpgrade(broker, { headers: { origin: sent } })
    assert.equal(status, expected)
    if (expected === 403) assert.match(body, /websocket-origins/)
  })
}

test('does not take a page for its own because a foreign name leads to it, unless told so', async () => {
  const rebound = { headers: { origin: 'http://rebound.example:8080', host: 'rebound.example:8080' } }
  assert.equal((await askUpgrade(broker, rebound)).status, 403)
  const own = await startBroker({ settings: { 'websocket-origins': 'same' } })
  assert.equal((await askUpgrade(own, rebound)).status, 101)
  await own.stop()
})

test('takes exactly the listed origins and its own page when told so', async () => {
  const own = await startBroker({ settings: { 'websocket-origins': 'https://app.example.org,same' } })
  const statusFor = async (origin: string): Promise<number> =>
    (await askUpgrade(own, { headers: { origin } })).status
  assert.equal(await statusFor('https://app.example.org'), 101)
  assert.equal(await statusFor(`http://${own.host}:${own.httpPort}`), 101)
  assert.equal(await statusFor('http://app.example.org'), 403)
  assert.equal(await statusFor('https://app.example.org:8443'), 403)
  assert.equal(await statusFor('http://localhost:3000'), 403)
  assert.equal((await askUpgrade(own)).status, 101)
  await own.stop()
})

test('takes every origin when told so', async () => {
  const own = await startBroker({ settings: { 'websocket-origins': '*' } })
  assert.equal((await askUpgrade(own, { headers: { origin: 'https://anywhere.example' } })).status, 101)
  assert.equal((await askUpgrade(own, { headers: { origin: 'null' } })).status, 101)
  await own.stop()
})

const deflate = { 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits' }

test('grants no compression unless it is set', async () => {
  const { status, headers } = await askUpgrade(broker, { headers: deflate })
  assert.equal(status, 101)
  assert.equal(headers['sec-websocket-extensions'], undefined)
})

test('compresses both ways when it is set, and holds the packet limit for what comes out', async () => {
  const own = await startBroker({ settings: { 'websocket-compression': true, 'max-packet-size': '64KiB' } })
  const { headers } = await askUpgrade(own, { headers: deflate })
  assert.match(String(headers['sec-websocket-extensions']), /permessage-deflate/)
  const websocket = { compression: true }
  const client = await RawClient.connected(own, {}, { transport, websocket })
  await client.subscribe('deflate')
  const payload = Buffer.alloc(40_000, 'a')
  await client.publish({ topic: 'deflate', payload, qos: 1 })
  await client.expect('publish', { payload })
  const bomb = encode({ cmd: 'publish', topic: 'deflate', payload: Buffer.alloc(8_000_000) }, 5)
  client.send(bomb)
  await client.expectClosed({ after: 'disconnect' })
  await (await RawClient.connected(own)).ping()
  await own.stop()
})

test('serves another WebSocket path when told so', async () => {
  const own = await startBroker({ settings: { 'websocket-path': '/broker' } })
  assert.equal((await askUpgrade(own, { path: '/broker' })).status, 101)
  assert.equal((await askUpgrade(own)).status, 404)
  await own.stop()
})

test('says that it lives and is ready, without saying more', async () => {
  for (const [path, status] of [
    ['/health/live', 'live'],
    ['/health/ready', 'ready'],
  ] as const) {
    const response = await fetch(`${broker.httpUrl}${path}`)
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    assert.deepEqual(await response.json(), { status })
  }
})

test('answers paths it does not know with 404', async () => {
  for (const path of ['/health', '/health/live/', '/__proto__', '/mqtt%00', '/%']) {
    const { status } = await fetch(`${broker.httpUrl}${path}`)
    assert.ok(status === 404 || status === 400, `${path}: ${status}`)
  }
})
