// Which broker a console is of, where its operator has said so: in the bar, wide and narrow, and in the browser's tab.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setUp } from '../harness/admin-client.ts'
import { browserForFile } from '../harness/chromium.ts'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import { expectAccessible, openConsole, until } from './console-page.ts'

const chromium = await browserForFile()
const { skip } = chromium
const broker = inProcessBrokerForFile({ 'broker-name': 'Plant 7', 'broker-environment': 'production' })

test('the name stands in the bar and in the tab, what it is for in the bar, however narrow', {
  skip,
}, async () => {
  const { page } = await openConsole(chromium.browser, await setUp(broker), '/sessions')
  const bar = page.getByRole('banner')
  await bar.getByText('Plant 7').waitFor()
  await bar.getByText('production').waitFor()
  await until(page, "document.title === 'Sessions · Plant 7 · Holdfast'")
  await expectAccessible(page, 'a named broker', 'all')
  await page.setViewportSize({ width: 360, height: 700 })
  await bar.getByText('Plant 7').waitFor({ state: 'hidden' })
  const box = await bar.getByText('production').boundingBox()
  assert.ok(box !== null && box.x > 0 && box.x + box.width < 360, JSON.stringify(box))
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360)
})
