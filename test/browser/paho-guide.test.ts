// Runs the app in docs/PAHO.md as it stands there, and holds what the page says about settings against the settings.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { keyOfName, settingOf } from '../../server/config/schema.ts'
import { CutProxy } from '../clients/cut-proxy.ts'
import { startBroker, TestBroker } from '../harness/broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { browserForFile } from './browser-file.ts'
import { connectionLost, foreignHost } from './chromium.ts'
import { until } from './console-page.ts'
import { pahoScript } from './paho-driver.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/PAHO.md'), 'utf8')
const file = await browserForFile()
const { skip } = file

/** All code blocks of one language, in their order. */
function blocks(language: string): string {
  const fence = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms')
  return [...guide.matchAll(fence)].map(match => match[1]).join('\n')
}

/** As String.replace, but the text must stand there exactly once. */
function replaceOnce(text: string, what: string, by: string): string {
  assert.equal(text.split(what).length, 2, `'${what}' is to stand in docs/PAHO.md once`)
  return text.replace(what, by)
}

/** The settings that the command line in the guide gives. */
function settingsInGuide(): Record<string, string> {
  const words = blocks('sh').trim().split(/\s+/)
  assert.deepEqual(words.slice(0, 3), ['npm', 'start', '--'])
  const settings: Record<string, string> = {}
  for (let at = 3; at < words.length; at += 2) settings[words[at]!.replace(/^--/, '')] = words[at + 1] ?? ''
  return settings
}

async function untilShown(page: Page, id: 'status' | 'messages', text: string): Promise<void> {
  await page.locator(`#${id}`, { hasText: text }).waitFor({ timeout: 5000 })
}

async function shownMessages(page: Page): Promise<string[]> {
  return page.locator('#messages li').allTextContents()
}

test('docs/PAHO.md says the defaults that the settings have', () => {
  const rows = [...guide.matchAll(/^\| \[`([\w-]+)`\]\(SETTINGS\.md#([\w-]+)\) \| `([^`]+)` \|/gm)]
  assert.ok(rows.length >= 8)
  for (const [, name = '', anchor, value] of rows) {
    const key = keyOfName(name)
    assert.ok(key, `no setting ${name}`)
    assert.deepEqual([anchor, value], [name, settingOf(key).default])
  }
})

let broker: TestBroker
let origin: string
before(async () => {
  await file.ready
  if (skip !== false) return
  origin = `http://${foreignHost}:${file.site.port}`
  const settings = settingsInGuide()
  const origins = replaceOnce(settings['websocket-origins'] ?? '', 'https://app.example', origin)
  broker = new TestBroker({ settings: { ...settings, 'websocket-origins': origins } })
  await broker.start()
})
after(async () => {
  if (skip === false) await broker.stop()
})

/** Puts the app on the site, where it connects to this address. */
function putApp(websocketUrl: string, change = (app: string) => app): string {
  const path = `/guide-${new URL(websocketUrl).port}/`
  const app = replaceOnce(blocks('js'), 'ws://localhost:8080/mqtt', websocketUrl)
  // Without an icon of its own the browser asks for one, and logs that there is none.
  const html = replaceOnce(blocks('html'), '<title>', '<link rel="icon" href="data:,"><title>')
  file.site.put(path, { type: 'text/html', body: html })
  file.site.put(`${path}app.js`, { type: 'text/javascript', body: change(app) })
  file.site.put(`${path}paho-mqtt.js`, pahoScript)
  return `${origin}${path}`
}

/** Opens the app in a tab whose way to the broker can be cut. */
async function openApp(): Promise<{ page: Page; proxy: CutProxy; url: string; clientId: string }> {
  const proxy = await CutProxy.before({ host: broker.host, port: broker.httpPort })
  const url = putApp(proxy.websocketUrl)
  const page = await file.browser.open({ allowed: connectionLost, tab: 'new' })
  await page.goto(url)
  await untilShown(page, 'status', 'connected, new session')
  return { page, proxy, url, clientId: await page.evaluate('client.clientId') }
}

test('the app in docs/PAHO.md gets what was published while its page was away, and subscribes once', {
  skip,
}, async () => {
  const { page, url } = await openApp()
  const publisher = await RawClient.connected(broker)
  const publish = (payload: string): Promise<unknown> =>
    publisher.publish({ topic: 'orders/17', payload, qos: 1 })
  await publish('live')
  await untilShown(page, 'messages', 'live')
  await page.goto('about:blank')
  for (const payload of ['one', 'two', 'three']) await publish(payload)
  await page.goto(url)
  await untilShown(page, 'messages', 'three')
  assert.deepEqual(await shownMessages(page), ['orders/17: one', 'orders/17: two', 'orders/17: three'])
  await untilShown(page, 'status', 'connected, session resumed')
})

test('the app in docs/PAHO.md publishes, comes back by itself when the network breaks, and loses nothing', {
  skip,
}, async () => {
  const { page, proxy } = await openApp()
  await page.evaluate("publish('orders/new', 'first')")
  await untilShown(page, 'status', 'sent: first')
  proxy.mute('to-broker')
  await page.evaluate("publish('orders/new', 'second')")
  proxy.cut()
  await untilShown(page, 'messages', 'second')
  assert.deepEqual(await shownMessages(page), ['orders/new: first', 'orders/new: second'])
})

test('the app in docs/PAHO.md ends its session for good', { skip }, async () => {
  const { page, clientId } = await openApp()
  // It leaves twice: as it was, and after the connection with clean session on, which is the one that erases.
  await page.evaluate(`
    const told = client.onConnectionLost
    client.onConnectionLost = response => {
      document.title += ' left'
      told(response)
    }
    forgetMe()
  `)
  await until(page, "document.title.endsWith(' left left')")
  const probe = await RawClient.open(broker, { protocolVersion: 4 })
  const { sessionPresent } = await probe.connect({ clientId, clean: false })
  assert.equal(sessionPresent, false)
})

test('the app in docs/PAHO.md gives each tab a client identifier of its own', { skip }, async () => {
  const [first, second] = [await openApp(), await openApp()]
  assert.match(first.clientId, /^anna-\w+$/)
  assert.notEqual(first.clientId, second.clientId)
})

test('the app in docs/PAHO.md comes back after a crash of the broker', { skip }, async () => {
  const own = await startBroker({ settings: { 'websocket-origins': origin } })
  const url = putApp(own.websocketUrl, app => replaceOnce(app, 'timeout: 10', 'timeout: 1'))
  const page = await file.browser.open({ allowed: connectionLost, tab: 'new' })
  await page.goto(url)
  await untilShown(page, 'status', 'connected, new session')
  const publish = async (payload: string): Promise<void> => {
    const publisher = await RawClient.connected(own)
    await publisher.publish({ topic: 'orders/1', payload, qos: 1 })
  }
  await publish('before')
  await untilShown(page, 'messages', 'before')
  await own.kill()
  await untilShown(page, 'status', 'lost, trying again')
  await own.restart()
  await publish('after')
  await untilShown(page, 'messages', 'after')
  await untilShown(page, 'status', 'connected, session resumed')
  await own.stop()
})

test('the app in docs/PAHO.md loses the message at which its handler throws, as the guide says', {
  skip,
}, async () => {
  const { page } = await openApp()
  await page.evaluate(`
    const showMessage = client.onMessageArrived
    client.onMessageArrived = message => {
      client.onMessageArrived = showMessage
      throw new Error('the handler failed')
    }`)
  const publisher = await RawClient.connected(broker)
  await publisher.publish({ topic: 'orders/2', payload: 'lost', qos: 1 })
  await untilShown(page, 'status', 'connected, session resumed')
  await publisher.publish({ topic: 'orders/2', payload: 'next', qos: 1 })
  await untilShown(page, 'messages', 'next')
  assert.deepEqual(await shownMessages(page), ['orders/2: next'])
})

test('the app in docs/PAHO.md tries again after a failed first attempt, and the log says why it was refused', {
  skip,
}, async () => {
  const own = await startBroker({ settings: { 'websocket-origins': 'none' } })
  const url = putApp(own.websocketUrl, app => replaceOnce(app, '5000', '50'))
  const page = await file.browser.open({ allowed: connectionLost, tab: 'new' })
  await page.goto(url)
  await untilShown(page, 'status', 'not connected')
  const { detail } = await own.waitForLog({ msg: 'handshake refused' })
  assert.match(String(detail), new RegExp(`${origin}.*websocket-origins`))
  await own.restart({ 'websocket-origins': origin })
  await untilShown(page, 'status', 'connected, new session')
  await own.stop()
})
