// Events and audit in Chromium: what happens appears by itself, waits while it is to, and is not lost while the line is
// cut; the audit says who did what and why, before and after, and leads back.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { type AdminClient, logIn, PASSWORD, setUp } from '../harness/admin-client.ts'
import { browserForFile } from '../harness/chromium.ts'
import { InProcessBroker, inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import { lineTo } from '../harness/line.ts'
import { type Address, RawClient } from '../harness/raw-client.ts'
import { resume, subscribeAndLeave } from '../harness/sessions.ts'
import { expectAccessible, openConsole, rowsOf, until } from './console-page.ts'

const chromium = await browserForFile()
const { skip } = chromium
const QUEUE_MAX = 3
const broker = inProcessBrokerForFile({ 'queue-messages-max': QUEUE_MAX })

let made: Promise<AdminClient> | undefined

function anAdmin(): Promise<AdminClient> {
  made ??= setUp(broker)
  return made
}

async function live(page: Page): Promise<void> {
  await page.getByRole('tabpanel').getByText('live', { exact: true }).waitFor()
}

/** What has happened to that client, the newest first. */
function happened(page: Page, clientId: string) {
  return page.getByRole('row').filter({ has: page.getByRole('link', { name: clientId, exact: true }) })
}

async function comeAndGo(clientId: string, address: Address = broker): Promise<void> {
  const client = await resume(address, clientId)
  await client.disconnect()
}

test('what happens appears by itself, with the client and a sentence', { skip }, async () => {
  const { page } = await openConsole(chromium.browser, await anAdmin(), '/events')
  await live(page)
  await subscribeAndLeave(broker, 'kiosk-1', 'orders/#', 1)
  await happened(page, 'kiosk-1').filter({ hasText: 'disconnect' }).waitFor()
  const kinds = (await rowsOf(page, 'Events'))
    .filter(([, , client]) => client === 'kiosk-1')
    .map(([, kind]) => kind)
  assert.deepEqual(kinds.toSorted(), ['connect', 'created', 'disconnect', 'subscribe'])
  await happened(page, 'kiosk-1').filter({ hasText: 'Subscribed to orders/# (QoS 1)' }).waitFor()
  await page.reload()
  await happened(page, 'kiosk-1').filter({ hasText: 'disconnect' }).waitFor()
  assert.equal(await happened(page, 'kiosk-1').count(), 4, 'each once, also where list and stream meet')
  await expectAccessible(page, 'events')
})

test('only the kinds that are asked for are shown, and come', { skip }, async () => {
  const { page } = await openConsole(chromium.browser, await anAdmin(), '/events')
  await live(page)
  await page.getByRole('button', { name: 'Subscriptions' }).click()
  assert.equal(new URL(page.url()).searchParams.get('kind'), 'subscribe,unsubscribe')
  await subscribeAndLeave(broker, 'kiosk-2', 'orders/#', 1)
  await happened(page, 'kiosk-2').waitFor()
  await comeAndGo('kiosk-2')
  await subscribeAndLeave(broker, 'kiosk-3', 'orders/#', 1)
  await happened(page, 'kiosk-3').waitFor()
  assert.equal(await happened(page, 'kiosk-2').count(), 1)
  await page.getByText('Single kinds (2)').click()
  await expectAccessible(page, 'kinds of events')
  await page.getByRole('checkbox', { name: 'subscribed', exact: true }).uncheck()
  await page.getByText('No event is like that').waitFor()
})

test('while it is paused nothing moves, and afterwards all of it is there', { skip }, async () => {
  const { page } = await openConsole(chromium.browser, await anAdmin(), '/events')
  await live(page)
  await page.getByRole('tabpanel').getByRole('button', { name: 'Pause' }).click()
  await comeAndGo('kiosk-4')
  await page.getByText(/3 events are held back/).waitFor()
  assert.equal(await happened(page, 'kiosk-4').count(), 0)
  await page.getByRole('tabpanel').getByRole('button', { name: 'Go on' }).click()
  await happened(page, 'kiosk-4').filter({ hasText: 'disconnect' }).waitFor()
  assert.equal(await happened(page, 'kiosk-4').count(), 3)
})

test('what happens while the line is cut is there afterwards, each once', { skip }, async () => {
  const line = await lineTo(broker.httpUrl)
  try {
    const { page, context } = await openConsole(chromium.browser, (await anAdmin()).at(line.url), '/events', {
      allowed: /net::ERR_/,
    })
    await live(page)
    await comeAndGo('kiosk-5')
    await happened(page, 'kiosk-5').filter({ hasText: 'disconnect' }).waitFor()
    line.cut()
    await page.getByText(/what happens meanwhile is fetched afterwards/).waitFor()
    await comeAndGo('kiosk-6')
    line.mend()
    await happened(page, 'kiosk-6').filter({ hasText: 'disconnect' }).waitFor()
    const counts = [await happened(page, 'kiosk-5').count(), await happened(page, 'kiosk-6').count()]
    assert.deepEqual(counts, [3, 3])
    await context.close()
  } finally {
    await line.close()
  }
})

test('a broker that has started anew says so, and what has happened since is there', { skip }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-events-'))
  const own = new InProcessBroker({ store: 'embedded', 'data-dir': directory }, {})
  await own.start()
  const line = await lineTo(own.httpUrl)
  try {
    const admin = (await setUp(own)).at(line.url)
    const { page, context } = await openConsole(chromium.browser, admin, '/events', { allowed: /net::ERR_/ })
    await live(page)
    await comeAndGo('before', own)
    await happened(page, 'before').filter({ hasText: 'disconnect' }).waitFor()
    line.cut()
    await own.stop()
    await own.start()
    line.lead(own.httpUrl)
    await comeAndGo('after', own)
    line.mend()
    await happened(page, 'after').filter({ hasText: 'disconnect' }).waitFor()
    await page.getByRole('row').filter({ hasText: 'broker.restart' }).first().waitFor()
    assert.deepEqual([await happened(page, 'before').count(), await happened(page, 'after').count()], [3, 3])
    await context.close()
  } finally {
    await line.close()
    await own.stop()
    rmSync(directory, { recursive: true })
  }
})

test('who reads further down is not moved, and is told what is new', { skip }, async () => {
  const admin = await anAdmin()
  for (let count = 0; count < 20; count++) await comeAndGo(`many-${count}`)
  const { page } = await openConsole(chromium.browser, admin, '/events')
  await live(page)
  await page.getByRole('row').nth(40).scrollIntoViewIfNeeded()
  await page.mouse.wheel(0, 400)
  await until(page, 'scrollY > 200')
  await comeAndGo('kiosk-7')
  await page.getByRole('button', { name: '3 new events: show' }).waitFor()
  assert.equal(await happened(page, 'kiosk-7').count(), 0)
  await page.keyboard.press('.')
  await happened(page, 'kiosk-7').first().waitFor()
  assert.equal(await page.evaluate('scrollY'), 0)
})

test('lost messages are listed with whose they were, and why', { skip }, async () => {
  await subscribeAndLeave(broker, 'full-1', 'news/#', 1)
  await subscribeAndLeave(broker, 'full-2', 'news/#', 1)
  const publisher = await RawClient.connected(broker, { clientId: 'newsroom' })
  for (let count = 0; count <= QUEUE_MAX; count++)
    await publisher.publish({ topic: `news/${count}`, payload: 'x', qos: 1 })
  const { page } = await openConsole(chromium.browser, await anAdmin(), '/events')
  await page.getByRole('tab', { name: 'Lost messages' }).click()
  await page.getByLabel('Client id').fill('full-2')
  await page.getByRole('link', { name: 'full-1' }).waitFor({ state: 'detached' })
  const rows = await rowsOf(page, 'Lost messages')
  assert.deepEqual(
    rows.map(cells => cells.slice(1, 6)),
    [['full-2', 'news/0', 'queue full', 'newsroom', '1']],
  )
  await expectAccessible(page, 'lost messages')
  await page.getByLabel('Because').selectOption('expired')
  await page.getByText('No lost message is like that').waitFor()
})

test('the audit says what was changed from what to what, and leads back', { skip }, async () => {
  const admin = await anAdmin()
  const { headers } = await admin.get('/settings')
  const match = { 'if-match': headers.get('etag') ?? '' }
  await admin.patch('/settings', { 'undo-window': '1h' }, match)
  await subscribeAndLeave(broker, 'kiosk-8', 'orders/#', 1)
  const publisher = await RawClient.connected(broker, { clientId: 'orders' })
  await publisher.publish({ topic: 'orders/1', payload: 'secret', qos: 1 })
  const reason = { 'x-reason': encodeURIComponent('ticket 4411') }
  const cleaned = await admin.delete('/sessions/kiosk-8', { 'if-match': '*', ...reason })
  assert.equal(cleaned.status, 200, cleaned.text)
  const { page } = await openConsole(chromium.browser, admin, '/audit')
  await page.getByText('chain verified').waitFor()
  const setting = page.getByRole('row').filter({ hasText: 'changed undo-window: 15m → 1h' })
  await setting.getByRole('button', { name: /^All of record/ }).click()
  assert.equal(await page.locator('dd del').textContent(), '15m')
  assert.equal(await page.locator('dd ins').textContent(), '1h')
  await expectAccessible(page, 'the audit')
  const clean = page.getByRole('row').filter({ hasText: 'cleaned kiosk-8' })
  await clean.getByText('ticket 4411').waitFor()
  await clean.getByRole('button', { name: 'Undo…' }).click()
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  await page.getByRole('row').filter({ hasText: 'restored kiosk-8' }).waitFor()
  const { body } = await admin.get('/sessions/kiosk-8')
  assert.equal(body.counters.messages, 1, 'its message is back')
})

test('the audit is narrowed, exported as it is narrowed, and for admins alone', { skip }, async () => {
  const admin = await anAdmin()
  await admin.post('/users', { name: 'olga', password: PASSWORD, role: 'operator' })
  const operator = await logIn(broker.httpUrl, 'olga')
  const { page } = await openConsole(chromium.browser, admin, '/audit?verb=access')
  await page.getByRole('row').filter({ hasText: 'logged in as olga' }).waitFor()
  assert.equal(await page.getByRole('row').filter({ hasText: 'added the user' }).count(), 0)
  await page.getByLabel('Who', { exact: true }).fill('olga')
  await page.getByRole('row').filter({ hasText: 'used the set-up link' }).waitFor({ state: 'detached' })
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Export NDJSON' }).click()
  const stream = await (await download).createReadStream()
  let text = ''
  for await (const chunk of stream) text += chunk
  const verbs = text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line).verb)
  assert.deepEqual(verbs, ['access.login'])
  await page.getByRole('group', { name: 'Result' }).getByText('Failed').click()
  await page.getByText('No record is like that').waitFor()
  const theirs = await openConsole(chromium.browser, operator, '/audit')
  await theirs.page.getByText('The audit is for admins').waitFor()
  await expectAccessible(theirs.page, 'no audit')
})
