// The Lab in Chromium: every test green against the broker, nothing left of it, and the same against mosquitto.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { logIn, PASSWORD, setUp } from '../harness/admin-client.ts'
import { administeredForFile } from '../harness/checked-admin.ts'
import { browserForFile } from '../harness/chromium.ts'
import { InProcessBroker } from '../harness/in-process-broker.ts'
import { mosquittoForFile } from '../harness/mosquitto.ts'
import { temporaryDirectory } from '../harness/store-files.ts'
import { expectAccessible } from './console-page.ts'
import { ended, openLab, verdicts } from './lab-page.ts'

const chromium = await browserForFile()
const mosquitto = await mosquittoForFile()
const { skip } = chromium
const { broker, admin } = administeredForFile({ 'queue-messages-max': 300 })

function left(): readonly string[] {
  const sessions = [...broker.parts.registry.all()].map(({ clientId }) => clientId)
  return sessions.filter(clientId => clientId.startsWith('lab/'))
}

async function retained(): Promise<number> {
  return (await admin().get(`/retained?filter=${encodeURIComponent('lab/#')}`)).data.length
}

async function userWith(name: string, role: string, grants: readonly string[]) {
  await admin().post('/users', { name, password: PASSWORD, role, grants }, 201)
  return logIn(broker.httpUrl, name)
}

test('all tests pass, and nothing is left of them', { skip }, async () => {
  const page = await openLab(chromium.browser, admin().client)
  await page.getByRole('button', { name: /^Run all 47/ }).click()
  await ended(page)
  assert.deepEqual(await verdicts(page, 'The five classic tests'), Array(5).fill('passed'))
  assert.deepEqual(await verdicts(page, 'More tests'), Array(6).fill('passed'))
  assert.deepEqual(await verdicts(page, 'The whole table'), Array(36).fill('passed'))
  await page.getByText(/^47 passed; the last at /).waitFor()
  assert.deepEqual([left(), await retained()], [[], 0])
  assert.deepEqual(
    await page.evaluate('Object.keys(localStorage).filter(key => /^(Sent|Received):/.test(key))'),
    [],
  )
})

test('whoever may not run tests sees the last results, with packets and timeline', { skip }, async () => {
  const viewer = await userWith('vera', 'viewer', [])
  const page = await openLab(chromium.browser, viewer, '?test=second-tab')
  await page.getByText(/takes the grant publish:test/).waitFor()
  assert.equal(await page.getByRole('button', { name: /^Run/ }).count(), 0)
  assert.deepEqual(await verdicts(page, 'The whole table'), Array(36).fill('passed'))
  await page.getByText('another connection took the session over').waitFor()
  await page.getByText('CONNACK').first().waitFor()
})

test('a read-only broker shows the last results, and says why there is nothing to run', {
  skip,
}, async () => {
  const settings = { store: 'embedded', 'data-dir': temporaryDirectory() }
  const own = new InProcessBroker(settings, {})
  await own.start()
  const root = await setUp(own)
  await own.stop()
  const readOnly = new InProcessBroker({ ...settings, 'admin-read-only': true }, {})
  await readOnly.start()
  const page = await openLab(chromium.browser, root.at(readOnly.httpUrl))
  await page
    .getByText(/^The broker is read-only \(admin-read-only\).* Nobody has run the tests here yet\.$/)
    .waitFor()
  assert.equal(await page.getByRole('button', { name: /^Run/ }).count(), 0)
  // It would tell of errors when the broker goes.
  await page.close()
  await readOnly.stop()
})

for (const settings of [
  { 'queue-messages-max': 3, 'queue-overflow': 'reject', 'queue-qos0': true },
  { 'queue-messages-max': 20, 'queue-overflow': 'drop-newest' },
  { 'session-expiry-max': '0s' },
]) {
  test(`what is expected follows from the settings: ${JSON.stringify(settings)}`, { skip }, async () => {
    const own = new InProcessBroker({ ...settings, store: 'embedded', 'data-dir': temporaryDirectory() }, {})
    await own.start()
    const root = await setUp(own)
    const page = await openLab(chromium.browser, root)
    await page.getByRole('button', { name: /^Run all/ }).click()
    await ended(page)
    const { body } = await root.get('/lab')
    const wrong = body.results.filter((one: { readonly verdict: string }) => one.verdict !== 'passed')
    assert.deepEqual(wrong, [])
    assert.ok(body.results.length >= 46)
    await page.close()
    await own.stop()
  })
}

test('a test is run again with another number of messages, and its address leads to the same', {
  skip,
}, async () => {
  const page = await openLab(chromium.browser, admin().client, '?test=classic-4')
  await page.getByLabel('Messages').fill('12')
  await page.getByLabel('Messages').press('Enter')
  await page.getByRole('button', { name: 'Run this test' }).click()
  await ended(page)
  await page.getByRole('row', { name: /^Messages on return 1 to 12 1 to 12$/ }).waitFor()
  const { search } = new URL(page.url())
  assert.equal(search, '?test=own&publish=1&subscribe=1&clean=off&retain=off&messages=12')
  const again = await openLab(chromium.browser, admin().client, search)
  assert.equal(await again.getByLabel('Messages').inputValue(), '12')
  await again.getByRole('row', { name: /^Messages on return 1 to 12 1 to 12$/ }).waitFor()
})

test('step by step, with the timeline of the broker beside it', { skip }, async () => {
  const page = await openLab(chromium.browser, admin().client, '?test=classic-4&steps=yes')
  await page.getByRole('button', { name: 'Run this test' }).click()
  for (const step of ['Connect', 'Subscribe', 'Go away', 'Another client publishes 5']) {
    await page.getByText(`next: ${step}`).waitFor()
    await page.getByRole('button', { name: 'Next step' }).click()
  }
  await page.getByText('next: Come back').waitFor()
  await page.getByText('messages begin to wait').waitFor()
  assert.equal(left().length, 2)
  await page.getByRole('button', { name: 'Run on' }).click()
  await ended(page)
  await page.getByText(/^All as expected, in /).waitFor()
  assert.deepEqual(left(), [])
})

test('a page that is left half way leaves nothing', { skip }, async () => {
  const page = await openLab(chromium.browser, admin().client, '?test=classic-4&steps=yes')
  await page.getByRole('button', { name: 'Run this test' }).click()
  for (const step of ['Connect', 'Subscribe', 'Go away']) {
    await page.getByText(`next: ${step}`).waitFor()
    await page.getByRole('button', { name: 'Next step' }).click()
  }
  await page.getByText('next: Another client publishes 5').waitFor()
  assert.equal(left().length, 1)
  await page.goto('/start')
  await broker.until('nothing is left', () => left().length === 0)
})

test('says exactly which WebSocket did not open, and what to do', { skip }, async () => {
  const page = await openLab(chromium.browser, admin().client, '', { allowed: /WebSocket|426/ })
  await refuseWebSockets(page)
  await page.getByRole('button', { name: 'Run this test' }).click()
  await page.getByText(`No WebSocket to ${broker.websocketUrl}`).waitFor()
  await page.getByText(/does not become a WebSocket/).waitFor()
  assert.deepEqual(left(), [])
})

test('the five classic tests pass against mosquitto as well', { skip: skip || mosquitto.skip }, async () => {
  const { websocketUrl } = mosquitto.endpoints
  const url = encodeURIComponent(websocketUrl)
  for (let number = 1; number <= 5; number++) {
    const page = await openLab(chromium.browser, admin().client, `?test=classic-${number}&url=${url}`)
    await page.getByText(`Against another broker, ${websocketUrl}`).waitFor()
    await page.getByRole('button', { name: 'Run this test' }).click()
    await ended(page)
    await page.getByText(/^All as expected, in /).waitFor()
    await page.close()
  }
})

test('the whole table passes against mosquitto as well', { skip: skip || mosquitto.skip }, async () => {
  const url = encodeURIComponent(mosquitto.endpoints.websocketUrl)
  const page = await openLab(chromium.browser, admin().client, `?url=${url}`)
  await page.getByRole('button', { name: /^Run all 44/ }).click()
  await ended(page)
  assert.deepEqual(await verdicts(page, 'The whole table'), Array(36).fill('passed'))
})

test('is accessible with a result and while nobody has run anything', { skip }, async () => {
  const page = await openLab(chromium.browser, admin().client, '?test=second-tab')
  await page.getByText('CONNACK').first().waitFor()
  await expectAccessible(page, 'a result', 'all')
  const url = encodeURIComponent('ws://127.0.0.1:1/mqtt')
  await expectAccessible(await openLab(chromium.browser, admin().client, `?url=${url}`), 'another broker')
})

async function refuseWebSockets(page: Page): Promise<void> {
  await page.routeWebSocket(/\/mqtt$/, route => void route.close({ code: 1011 }))
}
