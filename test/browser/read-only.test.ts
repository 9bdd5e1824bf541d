// The console of a broker that refuses everything that changes something, in Chromium: it shows all, and offers nothing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browserForFile } from '../harness/chromium.ts'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import { expectAccessible, openConsole } from './console-page.ts'
import { grid, rowOf, SessionScene } from './session-scene.ts'

const chromium = await browserForFile()
const { skip } = chromium
const broker = inProcessBrokerForFile({ 'admin-read-only': true })
const scene = new SessionScene(broker)

test('an admin of a read-only broker finds nothing to select and no key that acts, and is told why', {
  skip,
}, async () => {
  await scene.away('readonly-1', 2)
  const { page } = await openConsole(chromium.browser, await scene.admin(), '/sessions?filter=id:readonly-1')
  await rowOf(page, 'readonly-1').waitFor()
  assert.equal(await grid(page).locator('.select').count(), 0)
  await page.keyboard.press('j')
  for (const key of ['x', '*', 'd', 'Shift+C']) await page.keyboard.press(key)
  assert.equal(await page.getByRole('dialog').count(), 0)
  assert.equal(await page.getByRole('region', { name: 'Selected sessions' }).count(), 0)
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByText('No saved views yet.').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Save view' }).count(), 0)
  await page.keyboard.press('Escape')
  await grid(page).focus()
  await page.keyboard.press('Enter')
  await page.getByText('Looking only: the broker is read-only.').waitFor()
  await expectAccessible(page, 'a read-only list with a panel')
})
