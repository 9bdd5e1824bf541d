// What took too long, in Chromium: a plan that somebody has looked at until it expired is not run, and the one in its place says
// what is different; what failed because its time had passed is tried again, and nothing else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browserForFile } from '../harness/chromium.ts'
import { operatedBrokerForFile } from '../harness/operated-broker.ts'
import { expectAccessible, openConsole } from './console-page.ts'
import { rowOf, SessionScene, untilLive } from './session-scene.ts'

const EXPIRED_MS = 6 * 60_000

const chromium = await browserForFile()
const { skip } = chromium
const broker = operatedBrokerForFile()
const scene = new SessionScene(broker)

test('a plan that has expired is not run: made anew, it says what came to it and what is gone', {
  skip,
}, async () => {
  for (const name of ['a', 'b']) await scene.away(`old-${name}`, 1)
  const { page } = await openConsole(chromium.browser, await scene.admin(), '/sessions?filter=id:old-*', {
    allowed: /status of 410/,
  })
  await rowOf(page, 'old-b').waitFor()
  await untilLive(page)
  await page.keyboard.press('*')
  await page.getByRole('button', { name: 'Clean…' }).click()
  await page.getByRole('heading', { name: 'Clean 2 sessions' }).waitFor()
  await (await scene.admin()).delete('/sessions/old-b', { 'if-match': '*' })
  await scene.away('old-c')
  await scene.away('old-d')
  broker.leap(EXPIRED_MS)
  await page.getByLabel('Reason, for the audit').fill('too late')
  await page.getByRole('button', { name: 'Clean 2 sessions' }).click()
  await page.getByText('Plan expired', { exact: true }).waitFor()
  await page.getByText('This plan has expired.').waitFor()
  await expectAccessible(page, 'an expired plan')
  await page.getByRole('button', { name: 'Make it anew' }).click()
  await page.getByRole('heading', { name: 'Clean 3 sessions' }).waitFor()
  await page.getByText('+2 added old-c, old-d').waitFor()
  await page.getByText('−1 gone old-b').waitFor()
})

test('what failed is tried again, as an operation of its own that says what it is', { skip }, async () => {
  for (const name of ['a', 'b']) await scene.away(`late-${name}`)
  const admin = await scene.admin()
  const at = new Date(broker.now() + 3_000).toISOString()
  const planned = { action: 'set-expiry', filter: 'id:late-*', options: { expiry: { at } } }
  const plan = (await admin.post('/plans', planned)).body
  broker.leap(4_000)
  const headers = { 'if-match': `"${plan.digest}"`, 'idempotency-key': plan.id }
  const begun = await admin.post(
    `/plans/${plan.id}/execute`,
    { reason: 'too late', confirmCount: 2 },
    headers,
  )
  assert.equal(begun.status, 202, begun.text)
  const { id } = begun.body
  const { page } = await openConsole(chromium.browser, admin, `/operations/${id}`)
  await page.getByText('2 failed', { exact: true }).waitFor()
  await expectAccessible(page, 'an operation that failed')
  await page.getByRole('button', { name: 'Retry 2 failed' }).click()
  await page.getByRole('heading', { level: 1, name: /^Retry: / }).waitFor()
  await page.getByText('2 failed', { exact: true }).waitFor()
  assert.notEqual(new URL(page.url()).pathname, `/operations/${id}`)
})
