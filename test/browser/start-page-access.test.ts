// The start page for everyone: no violation that axe finds, in both themes, wide and narrow, in each of its states.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { brokerForFile } from '../harness/broker.ts'
import { brokerForTest } from '../harness/broker-for-test.ts'
import { browserForFile } from '../harness/chromium.ts'
import { brokerGone, openStartPage, runCheck } from './start-page.ts'

const themes = ['light', 'dark'] as const
const widths = [1280, 720, 360] as const

const chromium = await browserForFile()
const { skip } = chromium
const broker = brokerForFile()

for (const colorScheme of themes) {
  for (const width of widths) {
    test(`no violation, ready and after the check: ${colorScheme}, ${width} px`, { skip }, async () => {
      const page = await openStartPage(chromium.browser, broker, {
        colorScheme,
        viewport: { width, height: 800 },
      })
      await expectAccessible(page, width)
      await runCheck(page)
      await expectAccessible(page, width)
    })
  }

  test(`no violation when a check has failed, and when the broker is gone: ${colorScheme}`, {
    skip,
  }, async () => {
    const own = await brokerForTest({ 'queue-messages-max': 3 })
    const viewport = { width: 360, height: 800 }
    const page = await openStartPage(chromium.browser, own, { colorScheme, viewport, allowed: brokerGone })
    await runCheck(page)
    await expectAccessible(page, viewport.width)
    await own.stop()
    await page.getByRole('heading', { name: 'The broker does not answer' }).waitFor()
    await expectAccessible(page, viewport.width)
  })
}

async function expectAccessible(page: Page, width: number): Promise<void> {
  // Transitions would show axe a colour half way.
  await page.waitForTimeout(200)
  const { violations } = await new AxeBuilder({ page }).analyze()
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(node => `${id}: ${node.html}: ${node.failureSummary}`),
  )
  assert.deepEqual(found, [])
  const contentWidth = await page.evaluate<number>('document.documentElement.scrollWidth')
  assert.ok(contentWidth <= width, `the content is ${contentWidth} px wide`)
}
