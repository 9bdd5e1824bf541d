// The overview in Chromium: its figures against what the broker holds, live; what needs attention; the chart and its table;
// an empty broker; a broker that goes and comes back.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import {
  type AdminAnswer,
  AdminClient,
  cookieOf,
  PASSWORD,
  sameOrigin,
  setUp,
} from '../harness/admin-client.ts'
import { startBroker, type TestBroker } from '../harness/broker.ts'
import { browserForFile } from '../harness/chromium.ts'
import { InProcessBroker, inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import { type Address, RawClient } from '../harness/raw-client.ts'
import { subscribeAndLeave } from '../harness/sessions.ts'
import { brokerGone, expectAccessible, openConsole } from './console-page.ts'

const chromium = await browserForFile()
const { skip } = chromium
const broker = inProcessBrokerForFile({ 'queue-messages-max': 10 })
let made: AdminClient | undefined

async function root(): Promise<AdminClient> {
  made ??= await setUp(broker)
  return made
}

function figure(page: Page, word: string): Locator {
  return page.locator('.figure').filter({ has: page.getByRole('link', { name: word, exact: true }) })
}

async function untilFigure(page: Page, word: string, value: string): Promise<void> {
  await figure(page, word)
    .locator('.value')
    .filter({ hasText: new RegExp(`^${value}$`) })
    .waitFor()
}

/** Somebody who subscribes and goes away; `waiting` messages then come for them. */
async function away(address: Address, clientId: string, waiting: number): Promise<void> {
  await subscribeAndLeave(address, clientId, `for/${clientId}`, 1)
  const publisher = await RawClient.connected(address, { clientId: `${clientId}-publisher`, clean: true })
  for (let count = 0; count < waiting; count++)
    await publisher.publish({ topic: `for/${clientId}`, payload: 'x', qos: 1 })
  await publisher.disconnect()
}

test('the figures are those of the broker, move with it, and lead to what they count', { skip }, async () => {
  const { page } = await openConsole(chromium.browser, await root(), '/')
  await untilFigure(page, 'Sessions', '0')
  await away(broker, 'kiosk-1', 12)
  await untilFigure(page, 'Sessions', '1')
  await untilFigure(page, 'Queued messages', '10')
  await untilFigure(page, 'Expiring within 1 h', '1')
  await page.getByText('1 session is at its queue limit.').first().waitFor()
  const review = page.getByRole('link', { name: /^Review.*1 session is at its queue limit/ })
  assert.equal(await review.getAttribute('href'), '/sessions?filter=full%3E%3D100%25')
  const offline = figure(page, 'Sessions').getByRole('link', { name: '1 offline' })
  assert.equal(await offline.getAttribute('href'), '/sessions?filter=offline%3E%3D0s')
  await page.getByRole('tab', { name: 'Most lost' }).click()
  const row = page.getByRole('tabpanel').getByRole('row').filter({ hasText: 'kiosk-1' })
  assert.deepEqual(await row.getByRole('cell').allInnerTexts(), ['kiosk-1', 'waiting', '100 %', '2'])
  assert.equal(new URL(page.url()).searchParams.get('top'), 'dropped')
})

test('events come as they happen, and not more than twelve stay', { skip }, async () => {
  const { page } = await openConsole(chromium.browser, await root(), '/')
  const list = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Last events' }) })
  await list.locator('li').first().waitFor()
  for (let client = 0; client < 12; client++) {
    const name = `coming-${client}`
    await (await RawClient.connected(broker, { clientId: name, clean: true })).disconnect()
  }
  await list.getByText('coming-11').first().waitFor()
  assert.equal(await list.locator('li').count(), 12)
})

test('the chart has its numbers as a table, which stands in the address', { skip }, async () => {
  const { page } = await openConsole(chromium.browser, await root(), '/')
  await page.locator('.plot canvas').waitFor()
  await page.getByRole('button', { name: 'Table' }).click()
  await page.getByRole('table', { name: 'Messages a second' }).getByRole('row').nth(1).waitFor()
  assert.equal(new URL(page.url()).searchParams.get('rates'), 'table')
  await page.getByRole('button', { name: '1 h', exact: true }).click()
  await page.reload()
  await page.getByRole('table', { name: 'Messages a second' }).waitFor()
  assert.equal(
    await page.getByRole('button', { name: '1 h', exact: true }).getAttribute('aria-pressed'),
    'true',
  )
})

test('the overview has no violation, full, in light and dark, wide and narrow', { skip }, async () => {
  const { page } = await openConsole(chromium.browser, await root(), '/')
  await page.locator('.plot canvas').waitFor()
  await page.getByRole('table', { name: 'Top 10 sessions by messages' }).waitFor()
  await expectAccessible(page, 'everywhere', 'all')
  await page.getByRole('button', { name: 'Table' }).click()
  await page.getByRole('table', { name: 'Messages a second' }).waitFor()
  await expectAccessible(page, 'everywhere', 'all')
})

test('an empty broker shows three steps, and ticks them off as they are done', { skip }, async () => {
  const own = new InProcessBroker({}, {})
  await own.start()
  try {
    const { page } = await openConsole(chromium.browser, await setUp(own), '/', { allowed: brokerGone })
    await page.getByRole('heading', { name: 'No sessions yet: make the first one' }).waitFor()
    await expectAccessible(page, 'everywhere', 'all')
    const properties = { sessionExpiryInterval: 600 }
    const client = await RawClient.connected(own, { clientId: 'first', clean: false, properties })
    await page.getByRole('heading', { name: 'Connect a client with clean session off (done)' }).waitFor()
    await client.subscribe('demo/#', 1)
    await page.getByRole('heading', { name: 'Subscribe with QoS 1 (done)' }).waitFor()
    await client.disconnect()
    const publisher = await RawClient.connected(own, { clientId: 'second', clean: true })
    await publisher.publish({ topic: 'demo/hello', payload: 'x', qos: 1 })
    await publisher.disconnect()
    await page.getByText('No sessions yet').waitFor({ state: 'detached' })
    await untilFigure(page, 'Queued messages', '1')
  } finally {
    await own.stop()
  }
})

test('a broker that is gone leaves its last values, with their time; when it is back they move again', {
  skip,
}, async () => {
  const own = await startBroker({})
  const admin = await setUpProcess(own)
  await away(own, 'stays', 3)
  const { page } = await openConsole(chromium.browser, admin, '/', { allowed: brokerGone })
  await untilFigure(page, 'Queued messages', '3')
  await page.locator('.plot canvas').waitFor()
  await own.kill()
  await page.locator('header button[data-live="reconnecting"]').waitFor()
  await page
    .locator('header button')
    .filter({ hasText: /stale since \d\d:\d\d:\d\d/ })
    .waitFor()
  await page.getByText(/^As of \d\d:\d\d:\d\d\.$/).waitFor()
  assert.match(await page.title(), /^▲ not reachable · Overview/)
  await untilFigure(page, 'Queued messages', '3')
  await expectAccessible(page, 'without its broker')
  await own.start()
  await page.locator('header button[data-live="live"]').waitFor()
  await page.getByText(/^As of/).waitFor({ state: 'detached' })
  await away(own, 'new', 2)
  await untilFigure(page, 'Queued messages', '5')
  await page.locator('section', { hasText: 'Last events' }).getByText('new-publisher').first().waitFor()
})

/** The first admin of a broker that is a process of its own. */
async function setUpProcess(own: TestBroker): Promise<AdminClient> {
  const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url))
  const argv = [main, 'setup-link', '--data-dir', own.dataDirectory]
  const [link = ''] = /http\S+/.exec(execFileSync(process.execPath, argv, { encoding: 'utf8' })) ?? []
  const token = new URL(link).hash.slice('#token='.length)
  const answer: AdminAnswer = await new AdminClient(own.httpUrl).post(
    '/auth/setup',
    { token, name: 'root', password: PASSWORD },
    sameOrigin,
  )
  assert.equal(answer.status, 200, answer.text)
  return new AdminClient(own.httpUrl, { cookie: cookieOf(answer.headers), ...sameOrigin })
}
