// The copy buttons of the start page, and whether the program that one of them copies works as it is.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { brokerForFile } from '../harness/broker.ts'
import { launchChromium } from '../harness/chromium.ts'
import { requireProgram } from '../harness/programs.ts'
import { RawClient } from '../harness/raw-client.ts'
import { openStartPage } from './start-page.ts'

/** A page of the developer's own: the broker lets pages of this machine in. */
const developersPage = 'http://localhost:9/'

const program = await requireProgram('chromium')
const skip: string | false = 'skip' in program ? program.skip : false
const broker = brokerForFile()
let browser: Browser

before(async () => {
  if ('path' in program) browser = await launchChromium(program.path)
})
after(async () => {
  if (skip === false) await browser.close()
})

const permissions = ['clipboard-read', 'clipboard-write']

test('a copy button copies the address and says so', { skip }, async () => {
  const page = await openStartPage(browser, broker, { permissions })
  await copy(page, 'Copy the WebSocket address')
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), broker.websocketUrl)
  await page.getByRole('status').filter({ hasText: 'the WebSocket address: Copied' }).waitFor()
})

test('a copy button works where the browser withholds its clipboard, as it does over plain http', {
  skip,
}, async () => {
  const page = await openStartPage(browser, broker, {
    permissions,
    prepare: page =>
      page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined })),
  })
  await copy(page, 'Copy the TCP address')
  await page.evaluate(() => {
    const field = document.createElement('textarea')
    document.body.append(field)
    field.focus()
  })
  await page.keyboard.press('Control+V')
  assert.equal(await page.locator('textarea').inputValue(), broker.url)
})

test('the program to copy runs as it is, and gets what waited while its page was closed', {
  skip,
}, async () => {
  const page = await openStartPage(browser, broker, { permissions })
  await copy(page, 'Copy the program')
  const copied = await page.evaluate(() => navigator.clipboard.readText())
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
  const files: Readonly<Record<string, { readonly contentType: string; readonly body: string }>> = {
    '/': {
      contentType: 'text/html',
      body: `<script type="importmap">{"imports":{"paho-mqtt":"/paho.js"}}</script><script type="module" src="/app.js"></script>`,
    },
    '/paho.js': {
      contentType: 'text/javascript',
      body: `const module = { exports: {} }, exports = module.exports\n${paho}\nexport default module.exports`,
    },
    '/app.js': { contentType: 'text/javascript', body: source },
  }
  await page.route(`${developersPage}**`, route =>
    route.fulfill(files[new URL(route.request().url()).pathname] ?? { status: 404 }),
  )
  // Its subscription is in place once the broker has answered it.
  const subscribed = page.waitForEvent('websocket').then(socket => socket.waitForEvent('framereceived'))
  await page.goto(developersPage)
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
