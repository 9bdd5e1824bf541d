// The Lab in Chromium: every test green against the broker, nothing left of it, and the same against mosquitto.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { logIn, PASSWORD } from '../harness/admin-client.ts'
import { administeredForFile } from '../harness/checked-admin.ts'
import { browserForFile } from '../harness/chromium.ts'
import { mosquittoForFile } from '../harness/mosquitto.ts'
import { ended, openLab, verdicts } from './lab-page.ts'
import { brokerGone } from './start-page.ts'

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
  const page = await openLab(chromium.browser, broker.httpUrl, admin().client)
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
  const page = await openLab(chromium.browser, broker.httpUrl, viewer, { query: '?test=second-tab' })
  await page.getByText(/takes the grant publish:test/).waitFor()
  assert.equal(await page.getByRole('button', { name: /^Run/ }).count(), 0)
  assert.deepEqual(await verdicts(page, 'The whole table'), Array(36).fill('passed'))
  await page.getByText('another connection took the session over').waitFor()
  await page.getByText('CONNACK').first().waitFor()
})

test('a test is run again with another number of messages, and its address leads to the same', {
  skip,
}, async () => {
  const page = await openLab(chromium.browser, broker.httpUrl, admin().client, { query: '?test=classic-4' })
  await page.getByLabel('Messages').fill('12')
  await page.getByLabel('Messages').press('Enter')
  await page.getByRole('button', { name: 'Run this test' }).click()
  await ended(page)
  await page.getByRole('row', { name: /^Messages on return 1 to 12 1 to 12$/ }).waitFor()
  const { search } = new URL(page.url())
  assert.equal(search, '?test=own&publish=1&subscribe=1&clean=off&retain=off&messages=12')
  const again = await openLab(chromium.browser, broker.httpUrl, admin().client, { query: search })
  assert.equal(await again.getByLabel('Messages').inputValue(), '12')
  await again.getByRole('row', { name: /^Messages on return 1 to 12 1 to 12$/ }).waitFor()
})

test('step by step, with the timeline of the broker beside it', { skip }, async () => {
  const page = await openLab(chromium.browser, broker.httpUrl, admin().client, {
    query: '?test=classic-4&steps=yes',
  })
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
  const page = await openLab(chromium.browser, broker.httpUrl, admin().client, {
    query: '?test=classic-4&steps=yes',
  })
  await page.getByRole('button', { name: 'Run this test' }).click()
  for (const step of ['Connect', 'Subscribe', 'Go away']) {
    await page.getByText(`next: ${step}`).waitFor()
    await page.getByRole('button', { name: 'Next step' }).click()
  }
  await page.getByText('next: Another client publishes 5').waitFor()
  assert.equal(left().length, 1)
  await page.goto('about:blank')
  await broker.until('nothing is left', () => left().length === 0)
})

test('says exactly which WebSocket did not open, and what to do', { skip }, async () => {
  const page = await openLab(chromium.browser, broker.httpUrl, admin().client, {
    allowed: /WebSocket|426/,
    prepare: page => refuseWebSockets(page),
  })
  await page.getByRole('button', { name: 'Run this test' }).click()
  await page.getByText(`No WebSocket to ${broker.websocketUrl}`).waitFor()
  await page.getByText(/does not become a WebSocket/).waitFor()
  assert.deepEqual(left(), [])
})

test('the five classic tests pass against mosquitto as well', { skip: skip || mosquitto.skip }, async () => {
  const { websocketUrl } = mosquitto.endpoints
  const url = encodeURIComponent(websocketUrl)
  for (let number = 1; number <= 5; number++) {
    const page = await openLab(chromium.browser, broker.httpUrl, admin().client, {
      query: `?test=classic-${number}&url=${url}`,
      allowed: brokerGone,
    })
    await page.getByText(`Against another broker, ${websocketUrl}`).waitFor()
    await page.getByRole('button', { name: 'Run this test' }).click()
    await ended(page)
    await page.getByText(/^All as expected, in /).waitFor()
    await page.close()
  }
})

test('the whole table passes against mosquitto as well', { skip: skip || mosquitto.skip }, async () => {
  const url = encodeURIComponent(mosquitto.endpoints.websocketUrl)
  const page = await openLab(chromium.browser, broker.httpUrl, admin().client, { query: `?url=${url}` })
  await page.getByRole('button', { name: /^Run all 44/ }).click()
  await ended(page)
  assert.deepEqual(await verdicts(page, 'The whole table'), Array(36).fill('passed'))
})

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 720, 360]) {
    test(`is accessible, ${colorScheme} and ${width} wide, and does not scroll sideways`, {
      skip,
    }, async () => {
      const page = await openLab(chromium.browser, broker.httpUrl, admin().client, {
        colorScheme,
        viewport: { width, height: 900 },
        query: '?test=second-tab',
      })
      await page.getByText('CONNACK').first().waitFor()
      const { violations } = await new AxeBuilder({ page }).analyze()
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
        [],
      )
      const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')
      assert.deepEqual((widths as readonly number[])[0], (widths as readonly number[])[1])
    })
  }
}

async function refuseWebSockets(page: Page): Promise<void> {
  await page.routeWebSocket(/\/mqtt$/, route => void route.close({ code: 1011 }))
}
