// The frame of the console in Chromium: who sees what, the way from page to page, the keyboard, and the live stream that is
// paused, cut off, resumed and refused.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { CutProxy } from '../clients/cut-proxy.ts'
import { type AdminClient, logIn, PASSWORD, setUp } from '../harness/admin-client.ts'
import { browserForFile } from '../harness/chromium.ts'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { brokerGone, expectAccessible, openConsole, openTab, refusedWith, until } from './console-page.ts'

const chromium = await browserForFile()
const { skip } = chromium
const broker = inProcessBrokerForFile()
let made: AdminClient | undefined

async function root(): Promise<AdminClient> {
  made ??= await setUp(broker)
  return made
}

function pill(page: Page): Locator {
  return page.locator('header button[data-live]')
}

async function untilLive(page: Page, state = 'live'): Promise<void> {
  await page.locator(`header button[data-live="${state}"]`).waitFor()
}

function heading(page: Page, name: string): Locator {
  return page.getByRole('heading', { level: 1, name })
}

async function persistent(clientId: string): Promise<RawClient> {
  return RawClient.connected(broker, { clientId, clean: false, properties: { sessionExpiryInterval: 3_600 } })
}

test('who is not logged in sees the start page, and is led to the log-in and back again', {
  skip,
}, async () => {
  await root()
  const { page } = await openConsole(chromium.browser, { nobodyAt: broker.httpUrl }, '/')
  await heading(page, 'The broker is running').waitFor()
  assert.equal(await page.getByRole('navigation').count(), 0)
  await page.goto(`${broker.httpUrl}/?top=bytes`)
  await heading(page, 'The broker is running').waitFor()
  await page.goto(`${broker.httpUrl}/operations?x=1`)
  await heading(page, 'Log in').waitFor()
  assert.equal(new URL(page.url()).searchParams.get('next'), '/operations?x=1')
  await page.getByLabel('Name').fill('root')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForURL(`${broker.httpUrl}/operations?x=1`)
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
})

test('a log-in leads nowhere but into the console', { skip }, async () => {
  const { page } = await openConsole(chromium.browser, await root(), '/login?next=//evil.example/')
  await heading(page, 'Overview').waitFor()
  assert.equal(page.url(), `${broker.httpUrl}/`)
})

test('whose login ends while a page is open is led to the log-in, and comes back to that page', {
  skip,
}, async () => {
  await (await root()).post('/users', { name: 'short', password: PASSWORD, role: 'viewer' })
  const short = await logIn(broker.httpUrl, 'short')
  const { page } = await openConsole(chromium.browser, short, '/?top=bytes', { allowed: refusedWith(401) })
  await untilLive(page)
  await short.post('/auth/logout')
  await heading(page, 'Log in').waitFor()
  await page.getByLabel('Name').fill('short')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await heading(page, 'Overview').waitFor()
  assert.equal(page.url(), `${broker.httpUrl}/?top=bytes`)
})

test('links and keys lead from page to page, each with its title, and Back leads back', {
  skip,
}, async () => {
  const { page } = await openConsole(chromium.browser, await root(), '/')
  await until(page, "document.title === 'Overview · Holdfast'")
  await page.getByRole('link', { name: 'Connect' }).click()
  await until(page, "document.title === 'Connect · Holdfast'")
  assert.equal(await page.evaluate('document.activeElement.id'), 'page')
  assert.equal(await page.getByRole('link', { name: 'Connect' }).getAttribute('aria-current'), 'page')
  await page.keyboard.press('g')
  await page.keyboard.press('o')
  await until(page, "document.title === 'Overview · Holdfast'")
  await page.goBack()
  await heading(page, 'The broker is running').waitFor()
})

test('the sheet shows the keys, and single characters can be switched off', { skip }, async () => {
  const { page } = await openConsole(chromium.browser, await root(), '/')
  await untilLive(page)
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Keyboard' })
  await sheet.getByText('Hold the page still, or go on').waitFor()
  await expectAccessible(page, 'now')
  // The sheet has the keyboard for itself.
  await page.keyboard.press('p')
  assert.equal(await pill(page).getAttribute('data-live'), 'live')
  await sheet.getByRole('button', { name: 'Single-character keys: on' }).click()
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'hidden' })
  for (const key of ['p', '?', '/']) await page.keyboard.press(key)
  assert.equal(await pill(page).getAttribute('data-live'), 'live')
  await page.reload()
  await untilLive(page)
  await page.getByRole('button', { name: 'root, admin: menu' }).click()
  await page.getByRole('button', { name: 'Keyboard' }).click()
  await sheet.getByRole('button', { name: 'Single-character keys: off' }).click()
  await page.keyboard.press('Escape')
  await page.keyboard.press('p')
  await untilLive(page, 'paused')
})

test('the search field takes a filter to the sessions', { skip }, async () => {
  const { page } = await openConsole(chromium.browser, await root(), '/')
  await untilLive(page)
  await page.keyboard.press('/')
  await page.keyboard.type('state:offline p')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/sessions\?/)
  assert.equal(new URL(page.url()).searchParams.get('filter'), 'state:offline p')
})

test('a page whose file does not arrive says so, and can be fetched again', { skip }, async () => {
  let isBroken = true
  const { page } = await openConsole(chromium.browser, await root(), '/start', {
    allowed: /net::ERR_FAILED/,
    prepare: page =>
      page.route(/StartPage.*\.js/, route => (isBroken ? route.abort('failed') : route.continue())),
  })
  await page.getByRole('heading', { name: 'This page could not be fetched' }).waitFor()
  await expectAccessible(page, 'now')
  isBroken = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await heading(page, 'The broker is running').waitFor()
})

test('while it is paused nothing moves and changes are counted; afterwards they are there', {
  skip,
}, async () => {
  const { page } = await openConsole(chromium.browser, await root(), '/')
  await untilLive(page)
  // What the lists are opened with may still be on its way.
  await (await persistent('before-pause')).disconnect()
  await page.getByText('before-pause').first().waitFor()
  await page.keyboard.press('p')
  await untilLive(page, 'paused')
  await (await persistent('paused-1')).disconnect()
  await pill(page)
    .filter({ hasText: /paused.* · [1-9]\d* changes?/ })
    .waitFor()
  await page.waitForTimeout(1_500)
  assert.equal(await page.getByText('paused-1').count(), 0)
  await pill(page).click()
  await untilLive(page)
  await page.getByText('paused-1').first().waitFor()
})

test('a stream that is cut is resumed, with what happened meanwhile and without fetching it anew', {
  skip,
}, async () => {
  const proxy = await CutProxy.before({ host: broker.host, port: Number(new URL(broker.httpUrl).port) })
  const { page } = await openConsole(
    chromium.browser,
    (await root()).at(`http://127.0.0.1:${proxy.port}`),
    '/',
    {
      allowed: brokerGone,
    },
  )
  await untilLive(page)
  await page.getByRole('heading', { name: 'Last events' }).waitFor()
  // What the list was opened with is no part of what is counted.
  await page.locator('section', { hasText: 'Last events' }).locator('li').first().waitFor()
  const fetched: string[] = []
  page.on('request', request => fetched.push(request.url()))
  await Promise.all([
    untilLive(page, 'reconnecting'),
    (async () => {
      proxy.cut()
      await (await persistent('cut-1')).disconnect()
    })(),
  ])
  await untilLive(page)
  await page.getByText('cut-1').first().waitFor()
  assert.ok(
    fetched.some(url => /\/events\/stream\?.*since=[^&]+-\d+\.\d+/.test(url)),
    fetched.join('\n'),
  )
  assert.ok(!fetched.some(url => /\/events\?/.test(url)), 'the list of events was fetched anew')
})

test('too many tabs: the fifth says why it is not live, and becomes so when another closes', {
  skip,
}, async () => {
  await (await root()).post('/users', { name: 'tabs', password: PASSWORD, role: 'viewer' })
  const who = await logIn(broker.httpUrl, 'tabs')
  const first = await openConsole(chromium.browser, who, '/')
  await untilLive(first.page)
  const others = []
  for (let tab = 0; tab < 3; tab++) {
    const other = await openTab(first, '/')
    await untilLive(other)
    others.push(other)
  }
  const fifth = await openTab(first, '/', refusedWith(429))
  await untilLive(fifth, 'refused')
  assert.match((await pill(fifth).getAttribute('title')) ?? '', /4 streams open/)
  await others[0]?.close()
  await untilLive(fifth)
})

test('nothing moves for those who do not want it, and what is chosen shows in the colours of the system', {
  skip,
}, async () => {
  const { page } = await openConsole(chromium.browser, await root(), '/', {
    reducedMotion: 'reduce',
    forcedColors: 'active',
    prepare: page => page.route(/\/api\/v1\/(overview|events\/stream)/, () => undefined),
  })
  await page.getByText('Fetching the figures').waitFor()
  assert.equal(await page.evaluate('document.getAnimations().length'), 0)
  const colours = await page.evaluate<string[]>(
    "['[aria-current]', 'nav a:not([aria-current])'].map(one => getComputedStyle(document.querySelector(one)).borderLeftColor)",
  )
  assert.notEqual(colours[0], colours[1])
})

test('the frame has no violation, in light and dark, wide and narrow', { skip }, async () => {
  const { page } = await openConsole(chromium.browser, await root(), '/start')
  await heading(page, 'The broker is running').waitFor()
  await untilLive(page)
  await expectAccessible(page, 'everywhere', 'all')
})
