// A console on a port of its own, in Chromium: the start page on the other port leads nowhere it cannot, and pages of the
// console reach MQTT where it is.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { browserForFile } from '../harness/chromium.ts'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'

const chromium = await browserForFile()
const { skip } = chromium
const broker = inProcessBrokerForFile({ 'admin-port': 0 })

async function open(url: string): Promise<Page> {
  const context = await chromium.browser.newContext()
  const page = await context.newPage()
  const said: string[] = []
  page.on('console', message => said.push(message.text()))
  page.on('pageerror', error => said.push(error.message))
  after(async () => {
    await context.close()
    assert.deepEqual(said, [], 'the page has complained')
  })
  await page.goto(url)
  await page.getByRole('heading', { name: 'The broker is running' }).waitFor()
  return page
}

function adminUrl(): string {
  return broker.running.listeners.find(one => one.listener === 'admin')?.url ?? ''
}

async function check(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Run the check' }).click()
  const outcome = page.getByText(/^(Passed|Failed) /)
  await outcome.waitFor()
  return (await outcome.textContent()) ?? ''
}

test('the start page on the port of MQTT says where the console is not', { skip }, async () => {
  const page = await open(broker.httpUrl)
  await page.getByText('Operators have their console on another port, where there is one.').waitFor()
  assert.equal(await page.getByRole('link', { name: /log in/i }).count(), 0)
  assert.equal(await page.getByRole('link', { name: 'described here' }).count(), 0)
  assert.match(await check(page), /^Passed/)
})

test('the start page on the port of the console connects to the other one', { skip }, async () => {
  const page = await open(`${adminUrl()}/start`)
  const { port } = new URL(broker.httpUrl)
  await page.getByText(`ws://127.0.0.1:${port}/mqtt`).first().waitFor()
  assert.equal(await page.getByRole('link', { name: /log in/i }).count(), 2)
  assert.match(await check(page), /^Passed/)
})
