// Where the admin API is: beside MQTT, on a port of its own, or nowhere; and whose word about addresses is believed.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { StartFacts } from '../../../shared/start-facts.ts'
import { AdminClient, PASSWORD, sameOrigin, setUp } from '../../harness/admin-client.ts'
import type { Settings } from '../../harness/broker-program.ts'
import { InProcessBroker } from '../../harness/in-process-broker.ts'
import { RawClient } from '../../harness/raw-client.ts'

async function started(settings: Settings): Promise<InProcessBroker> {
  const broker = new InProcessBroker(settings, {})
  await broker.start()
  after(() => broker.stop())
  return broker
}

function adminUrl(broker: InProcessBroker): string {
  return broker.running.listeners.find(one => one.listener === 'admin')?.url ?? ''
}

async function factsAt(url: string): Promise<StartFacts> {
  return (await (await fetch(`${url}/start.json`)).json()) as StartFacts
}

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url)
  await response.body?.cancel()
  return response.status
}

test('on a port of its own there is all of the admin API, and none of it on the other one', async () => {
  const broker = await started({ 'admin-port': 0 })
  const [open, admin] = [broker.httpUrl, adminUrl(broker)]
  assert.notEqual(open, admin)
  for (const path of [
    '/api/v1/broker',
    '/api/v1/openapi.json',
    '/api/docs',
    '/sessions',
    '/login',
    '/metrics',
  ])
    assert.equal(await statusOf(open + path), 404, path)
  const wrong = await new AdminClient(open).get('/auth/me')
  assert.match(wrong.body.detail, /not on this port: see the settings admin and admin-port/)
  for (const path of ['/', '/start', '/start.json', '/health/live', '/health/ready', '/icon.svg'])
    for (const url of [open, admin]) assert.equal(await statusOf(url + path), 200, url + path)
  for (const path of ['/api/v1/openapi.json', '/api/docs', '/sessions', '/login'])
    assert.equal(await statusOf(admin + path), 200, path)
  assert.equal(await statusOf(`${admin}/metrics`), 401)
  assert.ok(broker.running.setupLink?.startsWith(`${admin}/setup#token=`))
  const me = await setUp({ httpUrl: admin, running: broker.running })
  const { body } = await me.get('/broker')
  assert.deepEqual(
    body.listeners.map((one: { listener: string }) => one.listener),
    ['tcp', 'http', 'admin'],
  )
})

test('MQTT over WebSocket stays where it was, and the pages know where that is', async () => {
  const broker = await started({ 'admin-port': 0 })
  await RawClient.connected(broker, {}, { transport: 'websocket' })
  assert.equal(await statusOf(`${adminUrl(broker)}/mqtt`), 404)
  const { port } = new URL(broker.httpUrl)
  const [open, apart] = [await factsAt(broker.httpUrl), await factsAt(adminUrl(broker))]
  assert.deepEqual([open.console, open.websocketPort], [false, 'here'])
  assert.deepEqual([apart.console, apart.websocketPort], [true, Number(port)])
})

test('without an HTTP port the admin port is there all the same', async () => {
  const broker = await started({ 'http-port': 'off', 'admin-port': 0 })
  assert.equal(await statusOf(`${adminUrl(broker)}/api/v1/openapi.json`), 200)
  const { websocketPort } = await factsAt(adminUrl(broker))
  assert.equal(websocketPort, null)
})

test('switched off there is no admin API, no console and no set-up link, and all else is there', async () => {
  const broker = await started({ admin: 'off', metrics: 'open' })
  assert.equal(broker.running.setupLink, undefined)
  for (const path of ['/api/v1/auth/setup', '/api/v1/openapi.json', '/api/docs', '/sessions', '/setup'])
    assert.equal(await statusOf(broker.httpUrl + path), 404, path)
  for (const path of ['/', '/start.json', '/health/ready', '/metrics'])
    assert.equal(await statusOf(broker.httpUrl + path), 200, path)
  await RawClient.connected(broker, {}, { transport: 'websocket' })
})

async function logIn(httpUrl: string, forwardedFor: string, password: string): Promise<number> {
  const headers = { ...sameOrigin, 'x-forwarded-for': forwardedFor }
  return (await new AdminClient(httpUrl).post('/auth/login', { name: 'root', password }, headers)).status
}

test('behind a trusted proxy, guesses are counted and recorded by the address of the client', async () => {
  const broker = await started({ 'trusted-proxies': '127.0.0.0/8' })
  const admin = await setUp(broker)
  for (let count = 0; count < 5; count++)
    assert.equal(await logIn(broker.httpUrl, '198.51.100.1, 203.0.113.9', 'wrong password'), 401)
  assert.equal(await logIn(broker.httpUrl, '203.0.113.9', PASSWORD), 429)
  assert.equal(await logIn(broker.httpUrl, '203.0.113.10', PASSWORD), 200)
  const { body } = await admin.get('/audit?verb=access.login')
  assert.equal(body.data[0].address, '203.0.113.10')
  assert.ok(body.data.some((one: { address: string }) => one.address === '203.0.113.9'))
})

test('who is no trusted proxy is taken for who it is, whatever its headers say', async () => {
  const broker = await started({ 'trusted-proxies': '192.0.2.1' })
  const admin = await setUp(broker)
  for (let count = 0; count < 5; count++)
    assert.equal(await logIn(broker.httpUrl, `203.0.113.${count}`, 'wrong password'), 401)
  assert.equal(await logIn(broker.httpUrl, '203.0.113.99', PASSWORD), 429)
  const { body } = await admin.get('/audit?verb=access.login')
  for (const { address } of body.data) assert.equal(address, '127.0.0.1')
})

test('a session over WebSocket comes from where its client is', async () => {
  const broker = await started({ 'trusted-proxies': '127.0.0.1' })
  const admin = await setUp(broker)
  const headers = { 'x-forwarded-for': '203.0.113.9' }
  const websocket = { headers }
  await RawClient.connected(broker, { clientId: 'behind' }, { transport: 'websocket', websocket })
  const { body } = await admin.get('/sessions/behind')
  assert.equal(body.remote.ip, '203.0.113.9')
})
