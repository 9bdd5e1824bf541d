// The list of sessions in Chromium: what it shows, filters, sorts and exports; that it is live and does not move; the keyboard.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browserForFile } from '../harness/chromium.ts'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import { expectAccessible, openConsole, until } from './console-page.ts'
import { grid, rowOf, SessionScene, shownIds, untilLive } from './session-scene.ts'

const chromium = await browserForFile()
const { skip } = chromium
const broker = inProcessBrokerForFile({ 'queue-messages-max': 20 })
const scene = new SessionScene(broker)

async function open(
  query = '',
  { who = scene.admin(), allowed }: { who?: ReturnType<SessionScene['admin']>; allowed?: RegExp } = {},
) {
  const { page } = await openConsole(
    chromium.browser,
    await who,
    `/sessions${query}`,
    allowed === undefined ? {} : { allowed },
  )
  await untilLive(page)
  return page
}

test('before there is any session it says how to make one, and shows the first one when it comes', {
  skip,
}, async () => {
  const page = await open()
  await page.getByText('No sessions yet').waitFor()
  await expectAccessible(page, 'the list')
  await scene.away('aa-first')
  await page.getByRole('button', { name: '1 new match' }).click()
  await rowOf(page, 'aa-first').waitFor()
})

test('shows the fullest first, sorts on the server, and keeps all of the view in the address', {
  skip,
}, async () => {
  await scene.away('list-a', 2)
  await scene.away('list-b', 5)
  await scene.away('list-c')
  const page = await open('?filter=id:list-*')
  await rowOf(page, 'list-a').waitFor()
  assert.deepEqual(await shownIds(page), ['list-b', 'list-a', 'list-c'])
  assert.equal(await grid(page).getAttribute('aria-rowcount'), '4')
  await page.getByText(/^3 match of \d+$/).waitFor()
  await grid(page).getByRole('button', { name: 'Client id' }).click()
  await until(page, "document.querySelector('.session-grid .row .id').innerText === 'list-a'")
  assert.deepEqual(await shownIds(page), ['list-a', 'list-b', 'list-c'])
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByLabel('Dropped').check()
  await page.keyboard.press('Escape')
  const { searchParams } = new URL(page.url())
  assert.equal(searchParams.get('sort'), 'id')
  assert.match(searchParams.get('columns') ?? '', /,dropped/)
  await page.reload()
  await grid(page).getByRole('columnheader', { name: 'Dropped' }).waitFor()
  await rowOf(page, 'list-c').waitFor()
  assert.deepEqual(await shownIds(page), ['list-a', 'list-b', 'list-c'])
})

test('a filter that cannot be read says where, and one that fits nothing can be taken apart', {
  skip,
}, async () => {
  await scene.away('nomatch-1')
  const page = await open('?filter=id:nomatch-*')
  await rowOf(page, 'nomatch-1').waitFor()
  await page.keyboard.press('/')
  await page.keyboard.press('End')
  await page.keyboard.type(' queued>=7')
  await page.keyboard.press('Enter')
  await page.getByText('No session matches').waitFor()
  await expectAccessible(page, 'the list')
  await page.getByRole('button', { name: 'queued>=7', exact: true }).click()
  await rowOf(page, 'nomatch-1').waitFor()
  assert.equal(new URL(page.url()).searchParams.get('filter'), 'id:nomatch-*')
  await page.goto(`${broker.httpUrl}/sessions?filter=idd:x`)
  await page.getByRole('alert').getByText('there is no key "idd"').waitFor()
  await page.getByText('This filter cannot be read').waitFor()
})

test('quick filters say how many each would leave, and are part of the filter', { skip }, async () => {
  await scene.away('facet-full', 20)
  await scene.away('facet-empty')
  const page = await open('?filter=id:facet-*')
  await rowOf(page, 'facet-empty').waitFor()
  const full = page.getByRole('button', { name: /^Full/ })
  await until(
    page,
    "[...document.querySelectorAll('button')].some(one => /^Full\\s*1$/.test(one.innerText.trim()))",
  )
  await full.click()
  await rowOf(page, 'facet-empty').waitFor({ state: 'detached' })
  assert.equal(new URL(page.url()).searchParams.get('filter'), 'id:facet-* full>=100%')
  assert.equal(await full.getAttribute('aria-pressed'), 'true')
  await full.click()
  await rowOf(page, 'facet-empty').waitFor()
})

test('changes come in place: values change, what leaves the filter stays and is dimmed, new ones are only counted', {
  skip,
}, async () => {
  for (const name of ['a', 'b', 'c']) await scene.away(`live-${name}`, 1)
  const page = await open('?filter=id:live-*+state:offline&sort=id')
  await rowOf(page, 'live-c').waitFor()
  await scene.publish('live-b', 4)
  await rowOf(page, 'live-b')
    .getByText(/^5\/20$/)
    .waitFor()
  await scene.here('live-a')
  await rowOf(page, 'live-a').getByText('no longer matches').waitFor()
  await page.getByText('1 no longer matches (dimmed)').waitFor()
  await scene.away('live-0')
  const pill = page.getByRole('button', { name: '1 new match' })
  await pill.waitFor()
  assert.deepEqual(await shownIds(page), ['live-a', 'live-b', 'live-c'])
  await expectAccessible(page, 'the list')
  await page.keyboard.press('.')
  await rowOf(page, 'live-0').waitFor()
  assert.deepEqual(await shownIds(page), ['live-0', 'live-b', 'live-c'])
  assert.equal(await pill.count(), 0)
})

test('a session that ends says so in its row, and its successor takes the row over', { skip }, async () => {
  await scene.away('ended-1', 1)
  const page = await open('?filter=id:ended-*')
  await rowOf(page, 'ended-1').waitFor()
  await (await scene.admin()).delete('/sessions/ended-1', { 'if-match': '*' })
  await rowOf(page, 'ended-1').getByText('ended: cleaned').waitFor()
  await scene.away('ended-1')
  await rowOf(page, 'ended-1').getByText('ended: cleaned').waitFor({ state: 'detached' })
})

test('the keyboard moves, opens, selects ranges and all, and Esc closes before it clears', {
  skip,
}, async () => {
  for (let number = 1; number <= 6; number++) await scene.away(`keys-${number}`)
  const page = await open('?filter=id:keys-*&sort=id')
  await rowOf(page, 'keys-6').waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('ArrowDown')
  const active = async () => ((await grid(page).locator('.row.active .id').textContent()) ?? '').trim()
  assert.equal(await active(), 'keys-2')
  const id = await grid(page).getAttribute('aria-activedescendant')
  assert.equal(await grid(page).locator('.row.active').getAttribute('id'), id)
  await page.keyboard.press('x')
  await page.keyboard.press('Shift+J')
  await page.keyboard.press('Shift+ArrowDown')
  await page.getByText(/^3 selected/).waitFor()
  assert.deepEqual(await grid(page).locator('.row.selected .id').allInnerTexts(), [
    'keys-2',
    'keys-3',
    'keys-4',
  ])
  await page.keyboard.press('End')
  assert.equal(await active(), 'keys-6')
  await page.keyboard.press('Enter')
  await page.waitForURL(/open=keys-6/)
  // A table beside the list leaves it its keys until somebody goes there.
  await page.getByRole('tab', { name: /Subscriptions/ }).waitFor()
  await page.keyboard.press('4')
  await page.waitForURL(/tab=subscriptions/)
  await page.getByRole('tabpanel').getByText('for/keys-6').waitFor()
  await page.keyboard.press('k')
  await page.waitForURL(/open=keys-5/)
  await page.keyboard.press('[')
  await page.waitForURL(/open=keys-4/)
  await page.keyboard.press(']')
  await page.waitForURL(/open=keys-5/)
  await page.getByRole('complementary', { name: 'Session keys-5' }).waitFor()
  await page.keyboard.press('Escape')
  await page.waitForURL(url => !url.searchParams.has('open'))
  await page.getByText(/^3 selected/).waitFor()
  await page.keyboard.press('*')
  await page.getByText(/^6 selected, all that match/).waitFor()
  await expectAccessible(page, 'the list')
  await page.keyboard.press('Escape')
  assert.equal(await page.getByRole('region', { name: 'Selected sessions' }).count(), 0)
  await page.keyboard.press('Shift+Enter')
  await page.waitForURL(`${broker.httpUrl}/sessions/keys-5`)
})

test('Esc closes an opened message before the session that it waits in', { skip }, async () => {
  await scene.away('esc-1', 1)
  const page = await open('?filter=id:esc-*&open=esc-1&tab=queue')
  await page.getByRole('tabpanel').getByRole('row').filter({ hasText: 'for/esc-1' }).click()
  await page.waitForURL(/message=/)
  await page.keyboard.press('Escape')
  await page.waitForURL(url => !url.searchParams.has('message') && url.searchParams.has('open'))
  await page.keyboard.press('Escape')
  await page.waitForURL(url => !url.searchParams.has('open'))
})

test('a view is saved with its filter and order, opened again, and deleted', { skip }, async () => {
  await scene.away('view-1')
  const page = await open('?filter=id:view-*&sort=id')
  await rowOf(page, 'view-1').waitFor()
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByLabel('Save what is shown as').fill('My views')
  await page.getByRole('button', { name: 'Save view' }).click()
  await page.getByText('Saved the view "My views".').waitFor()
  await page.goto(`${broker.httpUrl}/sessions`)
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('button', { name: 'My views', exact: true }).click()
  await page.waitForURL(
    url => url.searchParams.get('filter') === 'id:view-*' && url.searchParams.get('sort') === 'id',
  )
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('button', { name: 'Delete the view My views' }).click()
  await page.getByText('No saved views yet.').waitFor()
})

test('exports what matches, and not what is loaded', { skip }, async () => {
  await scene.away('export-1')
  await scene.away('export-2')
  const page = await open('?filter=id:export-*')
  await rowOf(page, 'export-2').waitFor()
  await page.getByRole('button', { name: 'Export', exact: true }).click()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'NDJSON' }).click(),
  ])
  const chunks: Buffer[] = []
  for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer)
  const lines = Buffer.concat(chunks).toString().trim().split('\n')
  assert.deepEqual(lines.map(line => JSON.parse(line).clientId).sort(), ['export-1', 'export-2'])
})

test('a viewer finds nothing to select, and no key acts', { skip }, async () => {
  await scene.away('viewer-1')
  const page = await open('?filter=id:viewer-*', { who: scene.as('viewer') })
  await rowOf(page, 'viewer-1').waitFor()
  assert.equal(await grid(page).locator('.select').count(), 0)
  for (const key of ['j', 'x', '*', 'd', 'Shift+C']) await page.keyboard.press(key)
  assert.equal(await page.getByRole('dialog').count(), 0)
  assert.equal(await page.getByRole('region', { name: 'Selected sessions' }).count(), 0)
  await page.keyboard.press('Enter')
  await page.waitForURL(/open=viewer-1/)
})

test('when the list cannot be fetched the rows stay, with what went wrong above them', { skip }, async () => {
  await scene.away('failed-1')
  const page = await open('?filter=id:failed-*', { allowed: /net::ERR_FAILED/ })
  await rowOf(page, 'failed-1').waitFor()
  await page.route('**/api/v1/sessions?*', route => route.abort('failed'))
  await grid(page).getByRole('button', { name: 'Client id' }).click()
  await page.getByText('The broker does not answer').waitFor()
  await rowOf(page, 'failed-1').waitFor()
  await scene.away('failed-0')
  await page.unroute('**/api/v1/sessions?*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('The broker does not answer').waitFor({ state: 'detached' })
  await rowOf(page, 'failed-0').waitFor()
})
