// Habits of Eclipse Paho JS that the broker has to live with: fallback, origins, takeover fights, stored publishes.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { CutProxy } from '../clients/cut-proxy.ts'
import { numbered, payloadsOf, sceneSettings } from '../clients/scene.ts'
import { brokerForFile, startBroker, type TestBroker } from '../harness/broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { subscribeAndLeave } from '../harness/sessions.ts'
import { browserForFile } from './browser-file.ts'
import { connectionLost, foreignHost } from './chromium.ts'
import { connectTab } from './paho-driver.ts'

const broker = brokerForFile(sceneSettings)
const file = await browserForFile()
const { skip } = file

function uniqueName(): string {
  return `habit-${randomBytes(5).toString('hex')}`
}

function proxyBefore(target: TestBroker): Promise<CutProxy> {
  return CutProxy.before({ host: target.host, port: target.httpPort })
}

test('the backlog comes right behind CONNACK, and handlers attached before connect() get all of it', {
  skip,
}, async () => {
  const name = uniqueName()
  await subscribeAndLeave(broker, name, name, 1, { protocolVersion: 4 })
  const publisher = await RawClient.connected(broker)
  for (const payload of numbered(50)) await publisher.publish({ topic: name, payload, qos: 1 })
  const client = await file.paho.connect({ clientId: name, clean: false, address: broker })
  await client.waitFor('message', { payload: '50' })
  assert.deepEqual(
    client.events.map(event => event.event),
    ['connected', ...numbered(50).map(() => 'message')],
  )
  assert.deepEqual(payloadsOf(client.all('message')), numbered(50))
})

test('a failed first attempt is repeated as 3.1, and finds the session of 3.1.1', { skip }, async () => {
  const name = uniqueName()
  await subscribeAndLeave(broker, name, name, 1, { protocolVersion: 4 })
  const publisher = await RawClient.connected(broker)
  await publisher.publish({ topic: name, payload: 'kept', qos: 1 })
  const proxy = await proxyBefore(broker)
  proxy.refuse(1)
  const allowed = connectionLost
  const client = await file.paho.connect({ clientId: name, clean: false, address: proxy, allowed })
  assert.equal((await client.nextMessage()).payload, 'kept')
  await broker.waitForLog({ msg: 'connected', clientId: name, protocolVersion: 3, sessionPresent: true })
})

test('a page is let in by its origin: local ones by default, others when the setting names them', {
  skip,
}, async () => {
  const clientId = uniqueName()
  const origin = `http://${foreignHost}:${file.site.port}`
  const stranger = await file.paho.open({ allowed: connectionLost }, origin)
  await assert.rejects(connectTab(stranger, { clientId, clean: true, address: broker }), /Socket/)
  const own = await startBroker({ settings: { 'websocket-origins': origin } })
  await connectTab(stranger, { clientId, clean: true, address: own })
  const local = await file.paho.open({ allowed: connectionLost })
  await assert.rejects(connectTab(local, { clientId, clean: true, address: own }), /Socket/)
  await own.stop()
})

test('B13 two tabs with one client identifier fight until one is closed, and the log names both', {
  skip,
}, async () => {
  const clientId = uniqueName()
  const request = { clientId, clean: false, reconnect: true, address: broker, allowed: connectionLost }
  const tabs = [await file.paho.open(request), await file.paho.open(request)] as const
  for (const tab of tabs) await connectTab(tab, request)
  const takeovers = (): number =>
    broker.logs.filter(line => line.msg === 'session taken over' && line['clientId'] === clientId).length
  for (const { client } of tabs) await client.waitFor('connected', {}, 3)
  assert.ok(takeovers() >= 4, `${takeovers()} takeovers`)
  const line = await broker.waitForLog({ msg: 'session taken over', clientId })
  for (const party of ['from', 'by']) {
    assert.match(String(line[party]), new RegExp(`^127\\.0\\.0\\.1:\\d+ \\(${file.site.origin}\\)$`))
  }
  await tabs[0].page.goto('about:blank')
  await sleep(300)
  const settled = takeovers()
  const { client } = tabs[1]
  await client.subscribe(clientId, 1)
  await client.publish({ topic: clientId, payload: 'peace', qos: 1 })
  assert.equal((await client.nextMessage()).payload, 'peace')
  assert.equal(takeovers(), settled)
})

test('B17 what a closed tab had not got acknowledged is sent by the next one from localStorage', {
  skip,
}, async () => {
  const name = uniqueName()
  const proxy = await proxyBefore(broker)
  const subscriber = await RawClient.connected(broker, {}, { autoAck: true })
  await subscriber.subscribe(name, 2)
  // Stored publishes belong to host, port and client identifier, so both tabs take the same way to the broker.
  const request = { clientId: name, clean: false, address: proxy, allowed: connectionLost }
  const first = await file.paho.open(request)
  await connectTab(first, request)
  proxy.mute('to-broker')
  await first.client.send({ topic: name, payload: 'qos 1', qos: 1 })
  await first.client.send({ topic: name, payload: 'qos 2', qos: 2 })
  await first.page.goto('about:blank')
  proxy.cut()
  await subscriber.ping()
  const second = await file.paho.connect(request)
  for (const payload of ['qos 1', 'qos 2']) await second.waitFor('delivered', { payload })
  assert.deepEqual(
    (await subscriber.collect(2)).map(({ payload }) => payload.toString()),
    ['qos 1', 'qos 2'],
  )
})

test('B17 PUBREL out of localStorage for an exchange nobody remembers is completed', { skip }, async () => {
  const clientId = uniqueName()
  const tab = await file.paho.open()
  const stored = {
    type: 3,
    messageIdentifier: 7,
    version: 1,
    pubRecReceived: true,
    payloadMessage: { payloadHex: '6869', qos: 2, destinationName: clientId },
    sequence: 1,
  }
  const key = `Sent:127.0.0.1:${broker.httpPort}:${clientId}:7`
  await tab.page.evaluate(
    `localStorage.setItem(${JSON.stringify(key)}, ${JSON.stringify(JSON.stringify(stored))})`,
  )
  await connectTab(tab, { clientId, clean: false, address: broker })
  await tab.client.waitFor('delivered', { payload: 'hi' })
  assert.equal(await tab.page.evaluate(`localStorage.getItem(${JSON.stringify(key)})`), null)
})

test('a silent tab stays connected by its pings', { skip }, async () => {
  const clientId = uniqueName()
  const address = broker
  const client = await file.paho.connect({ clientId, clean: true, address, keepAliveSeconds: 1 })
  await sleep(2500)
  assert.deepEqual(client.all('lost'), [])
  await client.publish({ topic: clientId, payload: 'still here', qos: 1 })
})
