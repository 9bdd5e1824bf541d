// The copy buttons of the start page, and whether the program that one of them copies works as it is.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { brokerForFile } from '../harness/broker.ts'
import { browserForFile } from '../harness/chromium.ts'
import { RawClient } from '../harness/raw-client.ts'
import { openSite, type Site } from './page-server.ts'
import { openStartPage } from './start-page.ts'

const chromium = await browserForFile()
const { skip } = chromium
/** A page of the developer's own: the broker lets pages of this machine in. */
let site: Site | undefined
before(async () => {
  site = await openSite()
})
after(() => site?.close())
const broker = brokerForFile()

const permissions = ['clipboard-read', 'clipboard-write']

test('a copy button copies the address and says so', { skip }, async () => {
  const page = await openStartPage(chromium.browser, broker, { permissions })
  await copy(page, 'Copy the WebSocket address')
  assert.equal(await page.evaluate<string>('navigator.clipboard.readText()'), broker.websocketUrl)
  await page.getByRole('status').filter({ hasText: 'the WebSocket address: Copied' }).waitFor()
})

test('a copy button works where the browser withholds its clipboard, as it does over plain http', {
  skip,
}, async () => {
  const page = await openStartPage(chromium.browser, broker, {
    permissions,
    prepare: async page => {
      await page.addInitScript('Object.defineProperty(navigator, "clipboard", { value: undefined })')
    },
  })
  await copy(page, 'Copy the TCP address')
  await page.evaluate('document.body.append(document.createElement("textarea"))')
  await page.locator('textarea').focus()
  await page.keyboard.press('Control+V')
  assert.equal(await page.locator('textarea').inputValue(), broker.url)
})

test('the program to copy runs as it is, and gets what waited while its page was closed', {
  skip,
}, async () => {
  const page = await openStartPage(chromium.browser, broker, { permissions })
  await copy(page, 'Copy the program')
  const copied = await page.evaluate<string>('navigator.clipboard.readText()')
  const first = await runProgram(page, copied)
  const publisher = await RawClient.connected(broker)
  await first.says(async () => {
    await publisher.publish({ topic: 'demo/a', payload: 'live', qos: 1 })
  }, 'demo/a live')
  await first.page.close()
  await publisher.publish({ topic: 'demo/a', payload: 'waited', qos: 1 })
  const second = await runProgram(page, copied)
  await second.says(async () => undefined, 'demo/a waited')
})

async function copy(page: Page, name: string): Promise<void> {
  const button = page.getByRole('button', { name })
  await button.click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
}

interface RunningProgram {
  readonly page: Page
  /** Does something until the program logs the line. */
  readonly says: (act: () => Promise<void>, line: string) => Promise<void>
}

/** On a page as a developer would have it, with Paho JS as a module of that name. */
async function runProgram(start: Page, source: string): Promise<RunningProgram> {
  const page = await start.context().newPage()
  const lines: string[] = []
  page.on('console', message => lines.push(message.text()))
  const paho = readFileSync(new URL('../../node_modules/paho-mqtt/paho-mqtt.js', import.meta.url), 'utf8')
  site?.put('/', {
    type: 'text/html',
    body: `<script type="importmap">{"imports":{"paho-mqtt":"/paho.js"}}</script><script type="module" src="/app.js"></script>`,
  })
  site?.put('/paho.js', {
    type: 'text/javascript',
    body: `const module = { exports: {} }, exports = module.exports;\n${paho}\nexport default module.exports`,
  })
  site?.put('/app.js', { type: 'text/javascript', body: source })
  // Its subscription is in place once the broker has answered it.
  const subscribed = page.waitForEvent('websocket').then(socket => socket.waitForEvent('framereceived'))
  await page.goto(site?.origin ?? '')
  await subscribed
  return {
    page,
    says: async (act, line) => {
      const deadline = performance.now() + 5_000
      while (!lines.includes(line) && performance.now() < deadline) {
        await act()
        await page.waitForTimeout(50)
      }
      assert.ok(lines.includes(line), `not logged: ${line}; but: ${lines.join('; ')}`)
    },
  }
}
