// Acts on many sessions in Chromium: the preview, what is left out of it, its confirmation, how it runs, what is skipped,
// and the way back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { browserForFile } from '../harness/chromium.ts'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import { expectAccessible, openConsole, until } from './console-page.ts'
import { rowOf, SessionScene, untilLive } from './session-scene.ts'

const chromium = await browserForFile()
const { skip } = chromium
const broker = inProcessBrokerForFile({ 'protected-client-ids': 'bridge-' })
const scene = new SessionScene(broker)

/** The list of these sessions with all of them selected, and the preview of an act on them. */
async function openPlan(filter: string, verb: string, shown: string): Promise<Page> {
  const { page } = await openConsole(
    chromium.browser,
    await scene.admin(),
    `/sessions?filter=${encodeURIComponent(filter)}`,
  )
  await rowOf(page, shown).waitFor()
  await untilLive(page)
  await page.keyboard.press('*')
  await page.getByRole('button', { name: verb }).click()
  await page.waitForURL(/\/plans\//)
  await page.getByRole('heading', { level: 1 }).waitFor()
  return page
}

async function clientIds(filter: string): Promise<readonly string[]> {
  const { body } = await (await scene.admin()).get(`/sessions?filter=${encodeURIComponent(filter)}&sort=id`)
  return body.data.map((one: { clientId: string }) => one.clientId)
}

test('a plan says what would be lost, leaves out what somebody takes out, runs as shown, and is taken back', {
  skip,
}, async () => {
  for (const name of ['a', 'b', 'c']) await scene.away(`plan-${name}`, 2)
  const page = await openPlan('id:plan-*', 'Clean…', 'plan-c')
  await page.getByRole('heading', { name: 'Clean 3 sessions' }).waitFor()
  await page.getByText('3 offline, 0 online').waitFor()
  await expectAccessible(page, 'the page')
  const run = page.getByRole('button', { name: /^Clean \d sessions$/ })
  assert.equal(await run.getAttribute('aria-disabled'), 'true')
  await page.getByLabel('plan-b is meant').uncheck()
  await page.getByRole('heading', { name: 'Clean 2 sessions' }).waitFor()
  await page.getByText('Left out by you').waitFor()
  await page.getByLabel('Reason, for the audit').fill('kiosks replaced')
  await run.click()
  await page.waitForURL(/\/operations\//)
  await page.getByText('2 ok', { exact: true }).waitFor()
  await page.getByText('4 messages').waitFor()
  assert.deepEqual(await clientIds('id:plan-*'), ['plan-b'])
  await expectAccessible(page, 'the page')
  await page.getByRole('button', { name: 'Undo all 2' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Undo all 2' }).click()
  await page.getByRole('heading', { name: 'Undo: clean 2 sessions' }).waitFor()
  await page.getByText('2 ok', { exact: true }).waitFor()
  assert.deepEqual(await clientIds('id:plan-*'), ['plan-a', 'plan-b', 'plan-c'])
  await page.getByRole('link', { name: 'an earlier operation' }).click()
  await page.getByRole('link', { name: '2 of 2 brought back' }).waitFor()
  await expectAccessible(page, 'the page')
  await page.getByRole('link', { name: 'Operations' }).last().click()
  await page
    .getByRole('row', { name: /^Clean 2 sessions/ })
    .getByRole('cell', { name: 'undone' })
    .waitFor()
})

test('the items of an operation that has ended are fetched once', { skip }, async () => {
  await scene.away('still-a', 1)
  const page = await openPlan('id:still-*', 'Clear queue…', 'still-a')
  await page.getByLabel('Reason, for the audit').fill('too old')
  await page
    .getByRole('button', { name: /^Clear / })
    .last()
    .click()
  await page.waitForURL(/\/operations\//)
  await page.getByText('1 ok', { exact: true }).waitFor()
  await page.reload()
  await page.getByRole('row').filter({ hasText: 'still-a' }).waitFor()
  let asked = 0
  page.on('request', request => {
    if (request.url().includes('/items')) asked++
  })
  await page.waitForTimeout(1_000)
  assert.equal(asked, 0)
})

test('a plan of more items than a page keeps those that were fetched', { skip }, async () => {
  const names = Array.from({ length: 130 }, (_, number) => `page-${String(number).padStart(3, '0')}`)
  await Promise.all(names.map(name => scene.away(name)))
  const page = await openPlan('id:page-*', 'Clean…', 'page-000')
  const meant = page.getByLabel(/^page-\d+ is meant$/)
  await meant.nth(99).waitFor()
  assert.equal(await meant.count(), 100)
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await meant.nth(129).waitFor()
  await page.waitForTimeout(500)
  assert.equal(await meant.count(), 130)
})

test('who reconnects between preview and run is skipped, and keeps its session', { skip }, async () => {
  await scene.away('drift-a', 1)
  await scene.away('drift-b', 1)
  const page = await openPlan('id:drift-*', 'Expire…', 'drift-b')
  await page.getByRole('heading', { name: 'Expire 2 sessions' }).waitFor()
  const client = await scene.here('drift-a')
  await client.collect(1)
  await page.getByLabel('Reason, for the audit').fill('left behind')
  await page.getByRole('button', { name: 'Expire 2 sessions' }).click()
  await page.waitForURL(/\/operations\//)
  await page.getByText('done, some skipped').waitFor()
  const row = page.getByRole('row').filter({ hasText: 'drift-a' })
  await row.getByText(/skipped/).waitFor()
  await row.getByText(/reconnected since the preview|was connected/).waitFor()
  assert.equal(client.ending, undefined)
  assert.deepEqual(await clientIds('id:drift-*'), ['drift-a'])
  await page.getByRole('button', { name: 'skipped 1' }).click()
  await page.getByRole('row').filter({ hasText: 'drift-b' }).waitFor({ state: 'detached' })
  assert.equal(new URL(page.url()).searchParams.get('status'), 'skipped')
})

test('with one of them online the number has to be typed; what is protected is left alone', {
  skip,
}, async () => {
  await scene.away('typed-a')
  const client = await scene.here('typed-b')
  const page = await openPlan('id:typed-*', 'Disconnect…', 'typed-b')
  await page.getByRole('heading', { name: 'Disconnect 1 session' }).waitFor()
  await page.getByText('1 left alone: 1 not connected').waitFor()
  await page.getByLabel('Reason, for the audit').fill('too many')
  const run = page.getByRole('button', { name: 'Disconnect 1 session' })
  await run.click({ force: true })
  assert.equal(client.ending, undefined)
  await page
    .getByLabel('Type the number of sessions')
    .or(page.getByLabel('Type the number of session'))
    .fill('1')
  await run.click()
  await page.waitForURL(/\/operations\//)
  await client.expectClosed({ after: 'disconnect' })
})

test('a running operation shows how far it is, and can be cancelled: the rest is left as it was', {
  skip,
}, async () => {
  for (let number = 10; number < 40; number++) await scene.away(`slow-${number}`)
  const page = await openPlan('id:slow-*', 'Clean…', 'slow-39')
  const before = page.url()
  await page.getByLabel('Pace').selectOption('10 a second')
  await page.waitForURL(url => url.href !== before)
  await page.getByLabel('Reason, for the audit').fill('one by one')
  await page.getByLabel('Type the number of sessions').fill('30')
  await page.getByRole('button', { name: 'Clean 30 sessions' }).click()
  await page.waitForURL(/\/operations\//)
  await page.getByRole('button', { name: 'Cancel the rest' }).click()
  await page.getByText('cancelled', { exact: true }).waitFor()
  // What had begun ends, and is told after it.
  const untouched = await until<number>(
    page,
    `fetch('/api/v1/sessions:count?filter=id:slow-*').then(answer => answer.json()).then(({ count }) =>
      [...document.querySelectorAll('button')].some(one => one.innerText === 'not done ' + count) && count)`,
  )
  assert.ok(untouched > 0)
})

test('an act on selected rows is about just these, of the generation that was seen', { skip }, async () => {
  for (const name of ['a', 'b', 'c']) await scene.away(`some-${name}`)
  const { page } = await openConsole(
    chromium.browser,
    await scene.admin(),
    '/sessions?filter=id:some-*&sort=id',
  )
  await rowOf(page, 'some-c').waitFor()
  await untilLive(page)
  await rowOf(page, 'some-a').locator('.select').click()
  await rowOf(page, 'some-c').locator('.select').click()
  await page.getByText(/^2 selected \(2 offline, 0 online\)/).waitFor()
  await (await scene.admin()).delete('/sessions/some-c', { 'if-match': '*' })
  await scene.away('some-c')
  await page.getByRole('button', { name: 'Hold…' }).click()
  await page.getByRole('dialog').getByLabel('Keep it out for').selectOption('1 minute')
  await page.getByRole('button', { name: 'Preview' }).click()
  await page.waitForURL(/\/plans\//)
  await page
    .getByText('client ids are held for 60 s')
    .or(page.getByText('client ids are held for 1 min'))
    .waitFor()
  await page
    .getByText(/another session has taken its place/)
    .first()
    .waitFor()
})

test('a plan that nobody finds says so, and operations are listed with acts on one session', {
  skip,
}, async () => {
  await scene.away('single-1', 1)
  const admin = await scene.admin()
  await admin.delete('/sessions/single-1', { 'if-match': '*', 'x-reason': 'alone' })
  const { page } = await openConsole(chromium.browser, admin, '/operations')
  await page.getByRole('link', { name: 'Clean single-1' }).waitFor()
  await expectAccessible(page, 'the page')
  await page.getByLabel('Without acts on one session').check()
  await page.getByRole('link', { name: 'Clean single-1' }).waitFor({ state: 'detached' })
  await page.getByLabel('Without acts on one session').uncheck()
  await page.getByRole('link', { name: 'Clean single-1' }).click()
  await page.getByText('“alone”').waitFor()
  await page.getByRole('button', { name: 'Undo it' }).waitFor()
})

test('a viewer sees operations and may do nothing about them', { skip }, async () => {
  const { page } = await openConsole(chromium.browser, await scene.as('viewer'), '/operations')
  await page.getByRole('link', { name: 'Clean single-1' }).click()
  await page.getByText('Looking only: needs the role operator.').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Undo it' }).count(), 0)
})
