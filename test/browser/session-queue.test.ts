// The queue of a session in Chromium: looked into without changing it, payloads for those alone who may see them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { type AdminClient, logIn, PASSWORD } from '../harness/admin-client.ts'
import { administeredForFile } from '../harness/checked-admin.ts'
import { browserForFile } from '../harness/chromium.ts'
import { RawClient } from '../harness/raw-client.ts'
import { payloads, resume, subscribeAndLeave } from '../harness/sessions.ts'
import { type ConsoleOptions, expectAccessible, openConsole } from './console-page.ts'

const chromium = await browserForFile()
const { skip } = chromium
const { broker, admin } = administeredForFile()

interface OpenOptions extends ConsoleOptions {
  readonly as?: AdminClient
}

async function open(clientId: string, query = '', { as, ...options }: OpenOptions = {}): Promise<Page> {
  const path = `/sessions/${clientId}?tab=queue${query}`
  return (await openConsole(chromium.browser, as ?? admin().client, path, options)).page
}

async function publish(
  ...messages: readonly (readonly [topic: string, payload: string | Buffer])[]
): Promise<void> {
  const client = await RawClient.connected(broker, { clientId: 'erp-7' })
  for (const [topic, payload] of messages) await client.publish({ topic, payload, qos: 1 })
  await client.disconnect()
}

function count(topic: string, many: number, from = 0): (readonly [string, string])[] {
  return Array.from({ length: many }, (_, index) => [topic, `${from + index}`] as const)
}

test('messages in their order, of a topic, opened and left: the client gets all of them as if nobody had looked', {
  skip,
}, async () => {
  await subscribeAndLeave(broker, 'reader', 'orders/#', 1)
  await publish(['orders/1/status', 'one'], ['orders/2/note', 'two'], ['orders/3/status', 'three'])
  const page = await open('reader')
  await page.getByText('Reading does not change delivery.').waitFor()
  const rows = page.getByRole('row').filter({ hasText: 'orders/' })
  assert.deepEqual(
    (await rows.allInnerTexts()).map(text => /(\d)\s+(orders\/\S+)\s+waiting/.exec(text)?.slice(1).join(' ')),
    ['1 orders/1/status', '2 orders/2/note', '3 orders/3/status'],
  )
  await expectAccessible(page, 'the queue', 'all')
  await page.getByLabel('Topic').fill('orders/+/status')
  await page.getByLabel('Topic').press('Enter')
  await page.getByText('orders/2/note').waitFor({ state: 'detached' })
  assert.equal(await rows.count(), 2)
  await page.getByLabel('Topic').fill('nothing/like/it')
  await page.getByLabel('Topic').press('Enter')
  await page.getByText('No message in the queue has a topic like nothing/like/it').waitFor()
  await page.getByRole('button', { name: 'Show all 3' }).click()
  await rows.first().click()
  await page.getByRole('heading', { name: 'orders/1/status' }).waitFor()
  await page.getByLabel('Payload').getByText('one').waitFor()
  await page.getByRole('link', { name: 'erp-7' }).waitFor()
  await expectAccessible(page, 'a message')
  const client = await resume(broker, 'reader')
  const publishes = await client.collect(3)
  assert.deepEqual(
    publishes.map(({ payload, dup }) => [payload.toString(), dup]),
    [
      ['one', false],
      ['two', false],
      ['three', false],
    ],
  )
})

test('a payload as JSON, text and bytes, a part of a long one, and all of it as a download', {
  skip,
}, async () => {
  const long = 'x'.repeat(68 * 1024)
  await subscribeAndLeave(broker, 'payloads', 'p/#', 1)
  await publish(
    ['p/json', '{"id":12345678901234567890,"a":[1]}'],
    ['p/long', long],
    ['p/bytes', Buffer.from([0xff, 0x00, 0x41])],
  )
  const page = await open('payloads')
  const payload = page.getByLabel('Payload')
  await page.getByRole('gridcell', { name: 'p/json' }).click()
  await payload.getByText('"id": 12345678901234567890').waitFor()
  await page.getByRole('button', { name: 'Hex', exact: true }).click()
  await payload.getByText('00000000  7b 22 69 64').waitFor()
  await page.getByRole('gridcell', { name: 'p/long' }).click()
  await page.getByText('Showing 4 KiB of 68 KiB.').waitFor()
  await page.getByRole('button', { name: 'Show up to 64 KiB' }).click()
  await page.getByText('Showing 64 KiB of 68 KiB.').waitFor()
  const downloading = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download' }).click()
  const stream = await (await downloading).createReadStream()
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  assert.equal(Buffer.concat(chunks).toString(), long)
  await page.getByRole('gridcell', { name: 'p/bytes' }).click()
  await payload.getByText('ff 00 41').waitFor()
  await page.getByText('it is not text').waitFor()
})

test('without the grant payloads are hidden, and no byte of them leaves the broker', { skip }, async () => {
  await subscribeAndLeave(broker, 'hidden', 'h/#', 1)
  await publish(['h/1', 'the-secret-of-this-test'])
  await admin().post('/users', { name: 'olga', password: PASSWORD, role: 'operator' }, 201)
  const as = await logIn(broker.httpUrl, 'olga')
  const page = await open('hidden', '&previews=1', { as })
  const bodies: string[] = []
  page.on('response', async response => {
    if (/\/api\/v1\/.*\/queue/.test(response.url())) bodies.push(await response.text())
  })
  await page.reload()
  await page.getByRole('gridcell', { name: 'h/1' }).click()
  await page.getByText('What it holds is hidden: seeing it needs the grant payload:read.').waitFor()
  const begins = page.getByRole('button', { name: 'How payloads begin' })
  assert.equal(await begins.getAttribute('title'), 'Hidden: needs the grant payload:read')
  assert.ok(bodies.length > 0 && bodies.every(body => body.includes('h/1')))
  const secret = /the-secret-of-this-test|dGhlLXNlY3JldC1vZi10aGlzLXRlc3/
  for (const text of [...bodies, await page.content()]) assert.doesNotMatch(text, secret)
})

test('a tab whose file does not arrive says so, and is fetched again', { skip }, async () => {
  await subscribeAndLeave(broker, 'late', 'l/#', 1)
  await publish(['l/1', 'late'])
  let isBroken = true
  const page = await open('late', '', {
    allowed: /net::ERR_FAILED/,
    prepare: page =>
      page.route(/QueueTab.*\.js/, route => (isBroken ? route.abort('failed') : route.continue())),
  })
  await page.getByText('The queue could not be fetched').waitFor()
  await expectAccessible(page, 'a tab that did not come')
  isBroken = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('gridcell', { name: 'l/1' }).waitFor()
})

test('how payloads begin is shown on demand, once', { skip }, async () => {
  await subscribeAndLeave(broker, 'begins', 'b/#', 1)
  await publish(['b/1', 'first words'])
  const page = await open('begins')
  await page.getByRole('gridcell', { name: 'erp-7' }).waitFor()
  await page.getByRole('button', { name: 'How payloads begin' }).click()
  await page.getByRole('gridcell', { name: 'first words' }).waitFor()
  await publish(['b/2', 'more words'])
  await page.getByRole('gridcell', { name: 'b/2' }).waitFor()
  const audit = await admin().get('/audit?verb=payload.preview')
  assert.equal(audit.data.filter((one: { target: string }) => one.target === 'begins').length, 1)
})

test('what comes in stands at the end and is counted, what goes stays where it was, and nothing scrolls', {
  skip,
}, async () => {
  await subscribeAndLeave(broker, 'long', 'l/#', 1)
  await publish(...count('l/1', 300))
  const page = await open('long')
  await page.getByRole('gridcell', { name: '1', exact: true }).first().waitFor()
  const grid = page.getByRole('grid')
  await grid.focus()
  for (let press = 0; press < 3; press++) {
    await page.keyboard.press('End')
    await page.waitForTimeout(100)
  }
  await page.getByRole('gridcell', { name: '300', exact: true }).waitFor()
  const viewport = page.locator('.viewport')
  const before = await viewport.evaluate(element => element.scrollTop)
  await publish(...count('l/new', 3, 300))
  await page.getByRole('button', { name: '3 new at the end · show' }).waitFor()
  assert.equal(await viewport.evaluate(element => element.scrollTop), before)
  const far = await open('long', '&message=290')
  await far.getByRole('region', { name: 'Message 290' }).waitFor()
  await page.getByRole('button', { name: '3 new at the end · show' }).click()
  await page.getByRole('gridcell', { name: '303', exact: true }).waitFor()
  const client = await resume(broker, 'long', { autoAck: true })
  assert.equal((await payloads(client, 303)).length, 303)
  await page.getByRole('button', { name: /^30[0-3] of these have left the queue/ }).click()
  await page.getByText('The queue is empty').waitFor()
})

test('one message, and then several, are taken out and brought back', { skip }, async () => {
  await subscribeAndLeave(broker, 'taken', 't/#', 1)
  await publish(...count('t/1', 2), ...count('t/2', 3))
  const page = await open('taken')
  await page.getByRole('gridcell', { name: 't/1' }).first().click()
  await page.getByRole('button', { name: 'Remove this message' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('wrong order')
  await dialog.getByRole('button', { name: 'Remove the message on t/1' }).click()
  await page.getByText('Removed 1 message from the queue of taken.').waitFor()
  await page.getByRole('button', { name: '1 of these has left the queue' }).click()
  await page.getByRole('gridcell', { name: 'gone' }).waitFor({ state: 'detached' })
  await page
    .getByRole('checkbox', { name: /Choose message/ })
    .nth(1)
    .click()
  await page
    .getByRole('checkbox', { name: /Choose message/ })
    .nth(3)
    .click({ modifiers: ['Shift'] })
  await page.getByRole('button', { name: 'Remove 3 messages' }).click()
  await dialog.getByRole('button', { name: 'Remove 3 messages' }).click()
  await page.getByText('Removed 3 messages from the queue of taken.').waitFor()
  assert.equal(broker.session('taken').lease.queue.messages, 1)
  const queued = page.getByRole('tab', { name: /Queue/ })
  await queued.getByText('1', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Undo' }).last().click()
  await queued.getByText('4', { exact: true }).waitFor()
  const client = await resume(broker, 'taken')
  assert.deepEqual(await payloads(client, 4), ['1', '0', '1', '2'])
})

test('an empty queue says why it may be empty', { skip }, async () => {
  const client = await resume(broker, 'empty')
  await client.subscribe('e/1', 0)
  await client.subscribe('e/2', 1)
  await client.disconnect()
  const page = await open('empty')
  await page.getByText('QoS 0 is not queued (1 of 2 subscriptions).').waitFor()
  await expectAccessible(page, 'an empty queue')
})

test('what is in flight stands in lanes by what is awaited, and leads to its message', { skip }, async () => {
  const client = await resume(broker, 'in-flight')
  await client.subscribe('f/1', 1)
  await client.subscribe('f/2', 2)
  await publish(['f/1', 'one'])
  const other = await RawClient.connected(broker)
  await other.publish({ topic: 'f/2', payload: 'two', qos: 2 })
  await client.collect(2)
  client.send({ cmd: 'publish', topic: 'elsewhere', payload: 'three', qos: 2, messageId: 7 })
  await client.expect('pubrec')
  const { page } = await openConsole(chromium.browser, admin().client, '/sessions/in-flight?tab=inflight')
  await page.getByText('2 of 20 places of its window are in use.').waitFor()
  for (const [lane, topic] of [
    ['PUBACK awaited', 'f/1'],
    ['PUBREC awaited', 'f/2'],
  ] as const)
    await page.getByRole('region', { name: lane }).getByRole('button', { name: topic }).waitFor()
  await page.getByRole('region', { name: 'PUBREL awaited' }).getByText('7', { exact: true }).waitFor()
  await expectAccessible(page, 'in flight')
  await page.getByRole('button', { name: 'f/1' }).click()
  await page.getByText('was sent; its acknowledgement is awaited').waitFor()
  const remove = page.getByRole('button', { name: 'Remove this message' })
  assert.equal(await remove.getAttribute('title'), 'It is in flight: the client may have it already')
})
