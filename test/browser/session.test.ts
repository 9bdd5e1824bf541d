// The page of one session in Chromium: what it says, that it follows what happens, and what it says when there is none.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { pathSegment } from '../../shared/path-segment.ts'
import { type AdminClient, logIn, PASSWORD } from '../harness/admin-client.ts'
import { administeredForFile } from '../harness/checked-admin.ts'
import { browserForFile } from '../harness/chromium.ts'
import { RawClient } from '../harness/raw-client.ts'
import { resume, subscribeAndLeave } from '../harness/sessions.ts'
import { type ConsoleOptions, expectAccessible, openConsole } from './console-page.ts'

const chromium = await browserForFile()
const { skip } = chromium
const { broker, admin } = administeredForFile({ 'queue-messages-max': 10 })

const notFound = /status of 404/

interface OpenOptions extends ConsoleOptions {
  readonly as?: AdminClient
}

async function open(clientId: string, query = '', { as, ...options }: OpenOptions = {}): Promise<Page> {
  const path = `/sessions/${pathSegment(clientId)}${query}`
  return (await openConsole(chromium.browser, as ?? admin().client, path, options)).page
}

async function publish(topic: string, ...payloads: readonly string[]): Promise<void> {
  const client = await RawClient.connected(broker)
  for (const payload of payloads) await client.publish({ topic, payload, qos: 1 })
  await client.disconnect()
}

test('for how long it is away goes on being true while nothing happens', { skip }, async () => {
  await subscribeAndLeave(broker, 'quiet', 'quiet/#', 1)
  const page = await open('quiet')
  const sentence = page.getByText(/^Offline for /)
  await sentence.waitFor()
  const before = await sentence.textContent()
  await sentence.filter({ hasNotText: before ?? '' }).waitFor()
})

test('an offline session: what is the matter with it, what happened to it, and each tab by its key', {
  skip,
}, async () => {
  const clientId = 'web-kiosk-11'
  const client = await RawClient.open(broker, { protocolVersion: 4, transport: 'websocket' })
  await client.connect({ clientId, clean: false, keepalive: 45 })
  await client.subscribe('kiosk/+/offers', 1)
  await client.subscribe('kiosk/#', 0)
  await client.disconnect()
  await publish('kiosk/1/offers', ...Array.from({ length: 12 }, (_, index) => `offer ${index}`))
  const page = await open(clientId)
  await page.getByRole('heading', { level: 1, name: clientId }).waitFor()
  await page.getByText(/^Offline for .*\(10 messages\).*2 oldest messages dropped/).waitFor()
  await page
    .getByText(
      /^Connected with MQTT 3\.1\.1, clean session off, keep alive 45 s, told that a session is present: no/,
    )
    .waitFor()
  await page.getByRole('listitem').getByText('2 messages lost because the queue was full').waitFor()
  await page.getByRole('button', { name: 'Which ones' }).click()
  await page.getByRole('cell', { name: 'kiosk/1/offers' }).first().waitFor()
  await expectAccessible(page, 'the timeline', 'all')
  await page.keyboard.press('4')
  await page.getByRole('cell', { name: /✗ No: QoS 0/ }).waitFor()
  await page.getByText('overlaps kiosk/#').waitFor()
  assert.equal(new URL(page.url()).searchParams.get('tab'), 'subscriptions')
  await expectAccessible(page, 'subscriptions')
  await page.keyboard.press('5')
  await page.getByText('closed when nothing is heard for 67 s').waitFor()
  await expectAccessible(page, 'connection')
  await page.keyboard.press('6')
  await page.getByText("new Paho.Client('ws://", { exact: false }).waitFor()
  await page.getByText('keepAliveInterval: 45,').waitFor()
  await expectAccessible(page, 'for developers')
  const lab = await page.getByRole('link', { name: 'Try these options in the Lab' }).getAttribute('href')
  assert.equal(lab, '/lab?test=own&clean=off&subscribe=1&publish=1')
  await page.keyboard.press('3')
  await page.getByText('Nothing is in flight').waitFor()
  await page.reload()
  await page.getByText('Nothing is in flight').waitFor()
})

test('what cannot be done now says why, and nothing is done without being asked', { skip }, async () => {
  const clientId = 'is-online'
  const client = await RawClient.open(broker, { protocolVersion: 4 })
  const will = { topic: 'kiosks/gone', payload: Buffer.from('secret will') }
  await client.connect({ clientId, clean: false, will })
  const page = await open(clientId, '?tab=connection')
  await page.getByText('kiosks/gone').waitFor()
  await page.getByText('nobody sees it before it is published').waitFor()
  assert.ok(!(await page.content()).includes('secret will'))
  await page.keyboard.press('1')
  const expire = page.getByRole('button', { name: 'Expire now' })
  assert.equal(await expire.getAttribute('title'), 'Expire needs an offline session; use Clean')
  await expire.click({ force: true })
  await page.getByRole('button', { name: 'Clear queue' }).click({ force: true })
  assert.equal(await page.getByRole('dialog').count(), 0)
  await page.keyboard.press('d')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `Disconnect ${clientId}` })
    .click()
  await page.getByText('Disconnected by root').waitFor()
  assert.equal(broker.session(clientId).attachment, undefined)
})

test('the page follows: state, counts and timeline change where they stand', { skip }, async () => {
  const clientId = 'followed'
  await subscribeAndLeave(broker, clientId, 'followed/#', 1)
  const page = await open(clientId)
  const queue = page.getByRole('tab', { name: /Queue/ })
  await queue.getByText('0', { exact: true }).waitFor()
  await publish('followed/1', 'one', 'two', 'three')
  await queue.getByText('3', { exact: true }).waitFor()
  await page.getByText('Messages began to wait').waitFor()
  const client = await resume(broker, clientId)
  await page.getByRole('heading', { name: clientId }).locator('..').getByText('online').waitFor()
  await page.getByText('told that a session is present: yes').waitFor()
  await client.collect(3)
})

for (const clientId of ['a/b', '#', 'sensor +1', '100%', '%2F', '..', '.~x', '🚚 van/7 #2+3%']) {
  test(`a session with the client id ${clientId}`, { skip }, async () => {
    await subscribeAndLeave(broker, clientId, 'names/#', 1)
    await publish('names/1', 'hello')
    const page = await open(clientId)
    await page.getByRole('heading', { level: 1, name: clientId, exact: true }).waitFor()
    await page.getByText('A session that outlives its connection began').waitFor()
    await page.keyboard.press('2')
    await page.getByRole('gridcell', { name: 'names/1' }).waitFor()
    await page.reload()
    await page.getByRole('gridcell', { name: 'names/1' }).waitFor()
  })
}

test('a session that is no more: who did it and why, restored where it was, and ids that are near', {
  skip,
}, async () => {
  const clientId = 'kiosk-berlin-1'
  await subscribeAndLeave(broker, clientId, 'berlin/#', 1)
  await subscribeAndLeave(broker, 'kiosk-berlin-2', 'berlin/#', 1)
  await publish('berlin/1', 'kept')
  const page = await open(clientId, '?tab=queue', { allowed: notFound })
  await page.getByRole('gridcell', { name: 'berlin/1' }).waitFor()
  await admin().delete(`/sessions/${clientId}`, 200, { 'if-match': '*', 'x-reason': 'kiosk replaced' })
  await page.getByRole('heading', { name: `No session ${clientId}` }).waitFor()
  await page.getByText(/The last one was cleaned by root .*, reason: kiosk replaced/).waitFor()
  await page.getByText('1 message (').first().waitFor()
  await expectAccessible(page, 'no session')
  await page.getByRole('button', { name: 'Restore the session' }).click()
  await page.getByRole('gridcell', { name: 'berlin/1' }).waitFor()
  assert.equal(broker.session(clientId).subscriptions.length, 1)
  const mistyped = await open('kiosk-berlin', '', { allowed: notFound })
  await mistyped.getByText('Nothing is known of an earlier one').waitFor()
  await mistyped.getByRole('link', { name: 'kiosk-berlin-2' }).click()
  await mistyped.getByRole('heading', { level: 1, name: 'kiosk-berlin-2' }).waitFor()
})

test('a viewer sees everything but what can be done, and is told why', { skip }, async () => {
  const clientId = 'looked-at'
  await subscribeAndLeave(broker, clientId, 'looked/#', 1)
  await admin().post('/users', { name: 'vera', password: PASSWORD, role: 'viewer' }, 201)
  const page = await open(clientId, '', { as: await logIn(broker.httpUrl, 'vera') })
  await page.getByText('Looking only: needs the role operator.').waitFor()
  for (const word of ['Disconnect', 'Clean', 'Clear queue', 'Hold'])
    assert.equal(await page.getByRole('button', { name: word, exact: true }).count(), 0)
  await page.keyboard.press('Shift+C')
  assert.equal(await page.getByRole('dialog').count(), 0)
  await page.keyboard.press('4')
  await page.getByText('looked/#').waitFor()
  assert.equal(await page.getByRole('button', { name: /Unsubscribe/ }).count(), 0)
})

test('kinds of the timeline are chosen, and stand in the address', {
  skip,
}, async () => {
  const clientId = 'came-often'
  for (let time = 0; time < 40; time++) await subscribeAndLeave(broker, clientId, `often/${time}`, 1)
  const page = await open(clientId, '?kinds=subscriptions')
  await page.getByText('Subscribed to often/39 (QoS 1)').waitFor()
  assert.equal(await page.getByText('Connected with').count(), 0)
  await page.getByRole('button', { name: 'All', exact: true }).click()
  await page.getByText('Connected with').first().waitFor()
  assert.equal(new URL(page.url()).searchParams.get('kinds'), null)
})

test('older rows come page by page, below those that are there', { skip }, async () => {
  const clientId = 'acted-upon'
  await subscribeAndLeave(broker, clientId, 'acted/#', 1)
  // What an operator does is never folded.
  for (let time = 0; time < 110; time++)
    await admin().patch(`/sessions/${clientId}`, { never: true }, 200, { 'if-match': '*' })
  const page = await open(clientId)
  const rows = page.getByRole('listitem').filter({ hasText: 'Expiry set by root: never' })
  await rows.first().waitFor()
  assert.equal(await rows.count(), 100)
  await page.getByRole('button', { name: 'Show older' }).click()
  await page.getByText('A session that outlives its connection began').waitFor()
  assert.equal(await rows.count(), 110)
  assert.equal(await page.getByRole('button', { name: 'Show older' }).count(), 0)
})

test('the incident record has everything on paper, and nothing of the console', { skip }, async () => {
  const clientId = 'for-the-record'
  await subscribeAndLeave(broker, clientId, 'record/#', 1)
  const page = await open(clientId)
  await page.evaluate(`window.print = () => {
    document.documentElement.dataset.printed = document.querySelector('.record').textContent
  }`)
  await page.getByRole('button', { name: 'Print record' }).click()
  await page.locator('html[data-printed]').waitFor()
  const text = (await page.locator('html').getAttribute('data-printed')) ?? ''
  for (const words of [clientId, 'Offline for', 'record/#', 'Subscribed to record/# (QoS 1)', 'made by root'])
    assert.ok(text.includes(words), `${words} is missing in: ${text}`)
  await page.getByRole('button', { name: 'Print record', disabled: false }).waitFor()
  assert.equal(await page.locator('.record').count(), 0)
})
