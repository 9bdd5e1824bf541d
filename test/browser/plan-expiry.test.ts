// A plan that somebody has looked at for too long, in Chromium: it is not run, and the one in its place says what is different.

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
