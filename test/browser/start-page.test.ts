// The start page in Chromium against the broker: what it says, its live check, and what it does when the broker goes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Page, Response } from 'playwright-core'
import { brokerForFile } from '../harness/broker.ts'
import { brokerForTest } from '../harness/broker-for-test.ts'
import { browserForFile } from '../harness/chromium.ts'
import { RawClient } from '../harness/raw-client.ts'
import { brokerGone, checkButton, checkLines, openStartPage, runCheck } from './start-page.ts'

const SCRIPT_BYTES_MAX = 60_000
const STYLE_BYTES_MAX = 15_000
/** Asked in the page: the words of what has the keyboard's focus. */
const focusedText = String.raw`document.activeElement.textContent.replace(/\s+/g, ' ').trim()`
/** The live check opens this many connections before that of its second client. */
const CONNECTIONS_BEFORE_PUBLISHER = 2

const chromium = await browserForFile()
const { skip } = chromium
const broker = brokerForFile()

test('says that the broker runs and where to connect, from this broker alone', { skip }, async () => {
  const requested: string[] = []
  const page = await openStartPage(chromium.browser, broker, {
    prepare: async page => {
      page.on('request', request => requested.push(new URL(request.url()).origin))
    },
  })
  assert.equal(await page.title(), 'Connect · Holdfast')
  await page.getByRole('status').filter({ hasText: 'ready' }).waitFor()
  const addresses = await page
    .locator('section', { hasText: 'WebSocket' })
    .first()
    .locator('code')
    .allInnerTexts()
  assert.deepEqual(addresses, [broker.websocketUrl, broker.url])
  assert.deepEqual([...new Set(requested)], [broker.httpUrl])
})

test('loads little, and Paho JS only for the check', { skip }, async () => {
  const responses: Response[] = []
  const page = await openStartPage(chromium.browser, broker, {
    prepare: async page => {
      page.on('response', response => responses.push(response))
    },
  })
  await page.waitForLoadState('networkidle')
  const first = await gzipBytes(responses)
  assert.ok(first.js > 0 && first.js <= SCRIPT_BYTES_MAX, `${first.js} bytes of scripts`)
  assert.ok(first.css > 0 && first.css <= STYLE_BYTES_MAX, `${first.css} bytes of styles`)
  assert.equal(responses.some(isPaho), false)
  await runCheck(page)
  assert.ok(responses.some(isPaho))
})

test('the live check passes, twice, and leaves nothing behind', { skip }, async () => {
  const page = await openStartPage(chromium.browser, broker)
  for (let round = 1; round <= 2; round++) {
    assert.match(await runCheck(page), /^Passed in \d+ ms: all five messages arrived, in order, once each\.$/)
    const lines = await checkLines(page)
    assert.equal(lines.length, 7)
    assert.match(lines[4] ?? '', /Session present: yes$/)
    assert.match(lines[5] ?? '', /1 2 3 4 5 in order, once each$/)
  }
  const [, clientId = ''] = /(check-\w+) is new here/.exec((await checkLines(page))[0] ?? '') ?? []
  assert.notEqual(clientId, '')
  assert.deepEqual(await page.evaluate('Object.keys(localStorage)'), [])
  const client = await RawClient.open(broker)
  const connack = await client.connect({ clientId, clean: false, properties: { sessionExpiryInterval: 0 } })
  assert.equal(connack.sessionPresent, false)
})

test('the live check names what a queue that is too short has lost, and why', { skip }, async () => {
  const own = await brokerForTest({ 'queue-messages-max': 3 })
  const page = await openStartPage(chromium.browser, own)
  assert.equal(await runCheck(page), 'Failed at step 6: Receive what was missed.')
  const lines = await checkLines(page)
  assert.match(lines[5] ?? '', /Arrived: 3 4 5\. Missing: 1 2\. .*keep at most 3 messages.*drops the oldest/)
  assert.match(lines[6] ?? '', /the session is erased$/)
})

test('the live check says where a broker that dies has left it', { skip }, async () => {
  const own = await brokerForTest({})
  const page = await openStartPage(chromium.browser, own, { allowed: brokerGone, prepare: holdPublisher })
  await checkButton(page).click()
  await page.locator('li.running', { hasText: 'second client' }).waitFor()
  await own.kill()
  await page.getByText('Failed at step 4: A second client publishes 5 messages.').waitFor()
  const lines = await checkLines(page)
  assert.match(lines[3] ?? '', /No answer to CONNECT within 5 seconds/)
  assert.match(lines[4] ?? '', /not run$/)
  assert.match(lines[6] ?? '', /The WebSocket to .* did not open/)
})

test('says since when the broker is not reachable, and when it is back', { skip }, async () => {
  const own = await brokerForTest({})
  const page = await openStartPage(chromium.browser, own, { allowed: brokerGone })
  await own.stop()
  await page.getByRole('heading', { name: 'The broker does not answer' }).waitFor()
  await page.getByText(/not reachable since \d\d:\d\d:\d\d\s*$/).waitFor()
  assert.equal(await checkButton(page).getAttribute('aria-disabled'), 'true')
  assert.match(await page.title(), /not reachable/)
  await own.start()
  await page.getByRole('heading', { name: 'The broker is running' }).waitFor()
  assert.match(await runCheck(page), /^Passed/)
})

test('works from the keyboard, which keeps its place while the check runs', { skip }, async () => {
  const page = await openStartPage(chromium.browser, broker)
  const reached: string[] = []
  for (let stop = 1; stop <= 6; stop++) {
    await page.keyboard.press('Tab')
    reached.push(await page.evaluate<string>(focusedText))
  }
  assert.deepEqual(reached, [
    'Holdfast',
    // The theme: an icon, with a label of its own.
    '',
    'Log in',
    'Copy the WebSocket address',
    'Copy the TCP address',
    'Run the check',
  ])
  const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineWidth')
  assert.equal(outline, '2px')
  await page.keyboard.press('Enter')
  await page.getByText(/^Passed/).waitFor()
  assert.equal(await page.evaluate(focusedText), 'Run it again')
})

/** Lets nothing through to the check's second client, so that the check stands still half way. */
async function holdPublisher(page: Page): Promise<void> {
  let connections = 0
  await page.routeWebSocket(/\/mqtt$/, route => {
    connections++
    if (connections <= CONNECTIONS_BEFORE_PUBLISHER || connections > CONNECTIONS_BEFORE_PUBLISHER + 1)
      route.connectToServer()
  })
}

function isPaho(response: Response): boolean {
  return /paho-mqtt/.test(response.url())
}

async function gzipBytes(
  responses: readonly Response[],
): Promise<{ readonly js: number; readonly css: number }> {
  const bytes = { js: 0, css: 0 }
  for (const response of responses) {
    const kind = /\.(js|css)$/.exec(response.url())?.[1]
    if (kind === 'js' || kind === 'css') bytes[kind] += gzipSync(await response.body()).length
  }
  return bytes
}
