// Acts on one session in Chromium: what the dialog says before, what is refused, what has changed meanwhile, the way back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { browserForFile } from '../harness/chromium.ts'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import { expectAccessible, openConsole } from './console-page.ts'
import { grid, rowOf, SessionScene, untilLive } from './session-scene.ts'

const chromium = await browserForFile()
const { skip } = chromium
const broker = inProcessBrokerForFile()
const scene = new SessionScene(broker)

/** The list with one session in it, on which the keyboard is. */
async function openAt(clientId: string, allowed?: RegExp): Promise<Page> {
  const options = allowed === undefined ? {} : { allowed }
  const { page } = await openConsole(
    chromium.browser,
    await scene.admin(),
    `/sessions?filter=id:${clientId}`,
    options,
  )
  await rowOf(page, clientId).waitFor()
  await untilLive(page)
  await page.keyboard.press('j')
  await grid(page).locator('.row.active').waitFor()
  return page
}

function dialog(page: Page, name: string): Locator {
  return page.getByRole('dialog', { name })
}

async function messagesOf(clientId: string): Promise<number | undefined> {
  const answer = await (await scene.admin()).get(`/sessions/${clientId}`)
  return answer.status === 404 ? undefined : answer.body.counters.messages
}

test('Clean and its undo with the keyboard alone: no key but the button does it', { skip }, async () => {
  await scene.away('keyboard-1', 3)
  const page = await openAt('keyboard-1')
  await page.keyboard.press('Shift+C')
  const asked = dialog(page, 'Clean keyboard-1')
  await asked.getByText(/^3 messages \(\d+ B\) and 1 subscription are dropped\.$/).waitFor()
  assert.equal(await page.evaluate('document.activeElement.textContent.trim()'), 'Cancel')
  await expectAccessible(page, 'the dialog')
  await asked.getByLabel('Reason').focus()
  await page.keyboard.type('ticket 4411')
  await page.keyboard.press('Enter')
  assert.equal(await messagesOf('keyboard-1'), 3, 'Enter in the reason does nothing')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate('document.activeElement.textContent.trim()'), 'Clean keyboard-1')
  await page.keyboard.press('Enter')
  await page.getByText(/^Cleaned "keyboard-1"; 3 messages/).waitFor()
  assert.equal(await messagesOf('keyboard-1'), undefined)
  await page.keyboard.press('u')
  await page.getByText('The session of "keyboard-1" is back, with 3 messages.').waitFor()
  assert.equal(await messagesOf('keyboard-1'), 3)
  const audit = await (await scene.admin()).get('/audit?limit=20')
  const cleaned = audit.body.data.find((one: { verb: string }) => one.verb === 'session.clean')
  assert.equal(cleaned.reason, 'ticket 4411')
})

test('Cancel and Esc do nothing, and give the focus back', { skip }, async () => {
  await scene.away('cancelled-1', 1)
  const page = await openAt('cancelled-1')
  await grid(page).focus()
  await page.keyboard.press('Shift+C')
  await dialog(page, 'Clean cancelled-1').waitFor()
  await page.keyboard.press('Enter')
  await dialog(page, 'Clean cancelled-1').waitFor({ state: 'hidden' })
  assert.equal(await page.evaluate('document.activeElement.getAttribute("role")'), 'grid')
  await page.keyboard.press('Shift+C')
  await dialog(page, 'Clean cancelled-1').waitFor()
  await page.keyboard.press('Escape')
  await dialog(page, 'Clean cancelled-1').waitFor({ state: 'hidden' })
  assert.equal(await messagesOf('cancelled-1'), 1)
})

test('a session that has changed meanwhile is left alone: the dialog says what is different, and goes on with that', {
  skip,
}, async () => {
  await scene.away('changed-1', 2)
  const page = await openAt('changed-1', /status of 412/)
  await page.keyboard.press('Shift+C')
  const asked = dialog(page, 'Clean changed-1')
  await asked.getByText(/^2 messages/).waitFor()
  const client = await scene.here('changed-1')
  await client.collect(2)
  await asked.getByRole('button', { name: 'Clean changed-1' }).click()
  await asked.getByText('The session has changed since you looked. Nothing was done.').waitFor()
  await asked.getByText('It has connected.').waitFor()
  await asked.getByText('It is online: its connection is closed.').waitFor()
  assert.equal(client.ending, undefined)
  await asked.getByRole('button', { name: 'Clean changed-1 as it is now' }).click()
  await page.getByText(/^Cleaned "changed-1"/).waitFor()
  await client.expectClosed({ after: 'disconnect' })
})

test('after Disconnect the toast says when the client was back, and that it has its session', {
  skip,
}, async () => {
  const client = await scene.here('back-1')
  const page = await openAt('back-1')
  await page.keyboard.press('d')
  const asked = dialog(page, 'Disconnect back-1')
  await asked.getByText(/^Its connection is closed\. Its session stays, with nothing in it\.$/).waitFor()
  await asked.getByRole('button', { name: 'Disconnect back-1' }).click()
  await client.expectClosed({ after: 'disconnect' })
  await page.getByText(/^Disconnected "back-1"; its session stays\.$/).waitFor()
  await scene.here('back-1')
  await page.getByText(/It reconnected after \d+\.\d\ss, session present\./).waitFor()
})

test('what cannot be done in the state it is in says why, and does nothing', { skip }, async () => {
  await scene.away('offline-1')
  const page = await openAt('offline-1')
  await page.keyboard.press('d')
  await page.getByText('offline-1: It is not connected.').waitFor()
  assert.equal(await page.getByRole('dialog').count(), 0)
})

test('a refusal of the broker stands in the dialog, with its request id', { skip }, async () => {
  await scene.away('gone-1')
  const page = await openAt('gone-1', /status of 404/)
  await page.keyboard.press('Shift+C')
  const asked = dialog(page, 'Clean gone-1')
  const session = (await (await scene.admin()).get('/sessions/gone-1')).headers.get('etag') ?? ''
  await (await scene.admin()).delete('/sessions/gone-1', { 'if-match': session })
  await asked.getByRole('button', { name: 'Clean gone-1' }).click()
  await asked
    .getByRole('alert')
    .getByText(/There is no session|was cleaned/)
    .first()
    .waitFor()
  await asked.getByText(/^request/).waitFor()
})
