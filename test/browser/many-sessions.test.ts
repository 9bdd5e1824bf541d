// The list with a hundred thousand sessions in Chromium, of which a thousand a second change: it opens, filters and scrolls,
// what one looks at stays where it is, and what is in the page stays little.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import type { BrokerParts } from '../../server/broker/parts.ts'
import { browserForFile } from '../harness/chromium.ts'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import { fillWithSessions } from '../harness/many-sessions.ts'
import { RawClient } from '../harness/raw-client.ts'
import { openConsole, until } from './console-page.ts'
import { grid, SessionScene, untilLive } from './session-scene.ts'

const SESSIONS = 100_000
/** Of which each message to all of them changes this many. */
const CHANGING = 250
const MESSAGE_EVERY_MS = 250
const WATCHED_MS = 5_000
const ROWS_MAX = 100
/** Asked in the page: which rows are in it, as they come one after the other. */
const rowIndexes = "[...document.querySelectorAll('[role=grid] .row')].map(one => Number(one.ariaRowIndex))"

const chromium = await browserForFile()
const { skip } = chromium
const broker = inProcessBrokerForFile()
const scene = new SessionScene(broker)

let isFilled = false

async function fill(parts: BrokerParts): Promise<void> {
  if (isFilled) return
  isFilled = true
  const clientIdOf = (index: number): string => `many-${String((index * 7_919) % SESSIONS).padStart(5, '0')}`
  await fillWithSessions(parts, { count: SESSIONS, subscribed: CHANGING, clientIdOf })
  // The table takes up all that is new at once; it would have done so long before.
  broker.running.table.fold()
}

/** Changes a thousand sessions a second, until it is called. */
async function change(): Promise<() => void> {
  const publisher = await RawClient.connected(broker, { clientId: 'to-all' })
  const timer = setInterval(
    () => void publisher.publish({ topic: 'to/all', payload: 'x', qos: 1 }),
    MESSAGE_EVERY_MS,
  )
  return () => clearInterval(timer)
}

/** How long frames take while `act` goes on: at half of them and at 95 of 100, in milliseconds. */
async function frames(page: Page, act: () => Promise<void>): Promise<string> {
  await page.evaluate(
    'window.frames_ = []; { let last = performance.now(); const next = now => { window.frames_.push(now - last); last = now; window.frame_ = requestAnimationFrame(next) }; requestAnimationFrame(next) }',
  )
  await act()
  const sorted = await page.evaluate<number[]>(
    'cancelAnimationFrame(window.frame_), window.frames_.slice(1).sort((a, b) => a - b)',
  )
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)
  return `${sorted.length} frames, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(0.9999)} ms`
}

async function heapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize
}

/** How much of a core the page's main thread takes while `act` goes on, whatever else the machine does. */
async function busyShare(page: Page, act: () => Promise<void>): Promise<string> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const taskSeconds = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics')
    return metrics.find(one => one.name === 'TaskDuration')?.value ?? 0
  }
  const [before, startedAt] = [await taskSeconds(), performance.now()]
  await act()
  const share = ((await taskSeconds()) - before) / ((performance.now() - startedAt) / 1_000)
  await session.detach()
  return `${(share * 100).toFixed(0)} % of a core`
}

async function rowsInPage(page: Page): Promise<number> {
  return grid(page).locator('.row').count()
}

test('opens a hundred thousand sessions, says how many there are, and finds one of them', {
  skip,
}, async context => {
  await fill(broker.running.broker.parts)
  const startedAt = performance.now()
  const { page } = await openConsole(chromium.browser, await scene.admin(), '/sessions?sort=id')
  await grid(page).getByText('many-00000').waitFor()
  context.diagnostic(`opened in ${(performance.now() - startedAt).toFixed(0)} ms`)
  await until(page, `document.querySelector('[role=grid]').ariaRowCount === '${SESSIONS + 1}'`)
  assert.ok((await rowsInPage(page)) < ROWS_MAX)
  await page.keyboard.press('/')
  await page.keyboard.type('id:*4321')
  await page.keyboard.press('Enter')
  await grid(page).getByText('many-94321').waitFor()
  await page.getByText('10 match of 100,000').waitFor()
  assert.equal(await rowsInPage(page), 10)
})

test('while a thousand sessions a second change, rows stay where they are, few, and light', {
  skip,
}, async context => {
  await fill(broker.running.broker.parts)
  const { page } = await openConsole(chromium.browser, await scene.admin(), '/sessions?sort=-queued')
  await grid(page).locator('.row').first().waitFor()
  await untilLive(page)
  const stop = await change()
  try {
    const order = async () => (await grid(page).locator('.row .id').allTextContents()).slice(0, 20)
    await page.waitForTimeout(1_000)
    const queued = () => grid(page).locator('.row').first().textContent()
    const [before, queuedBefore] = [await order(), await queued()]
    const heapBefore = await heapBytes(page)
    let standing = ''
    const busy = await busyShare(page, async () => {
      standing = await frames(page, () => page.waitForTimeout(WATCHED_MS))
    })
    context.diagnostic(`while it stands: ${standing}, ${busy}`)
    assert.deepEqual(await order(), before)
    assert.notEqual(await queued(), queuedBefore, 'changes have reached the page')
    const moved = await frames(page, async () => {
      for (let until = performance.now() + WATCHED_MS; performance.now() < until; ) {
        await page.mouse.move(700, 500)
        await page.mouse.wheel(0, 300)
        await page.waitForTimeout(30)
      }
    })
    context.diagnostic(`while it is scrolled: ${moved}`)
    const rows = await rowsInPage(page)
    assert.ok(rows < ROWS_MAX, `${rows} rows are in the page`)
    const grown = (await heapBytes(page)) - heapBefore
    context.diagnostic(
      `the heap has grown by ${(grown / 1_048_576).toFixed(1)} MiB, for rows that were loaded`,
    )
    assert.notDeepEqual(await order(), before, 'it has been scrolled')
    const top = await order()
    await page.waitForTimeout(1_000)
    assert.deepEqual(await order(), top)
    const inPage = await page.evaluate<number[]>(rowIndexes)
    assert.deepEqual(
      inPage,
      inPage.toSorted((a, b) => a - b),
      'rows are read in their order',
    )
  } finally {
    stop()
  }
})
