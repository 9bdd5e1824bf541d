// The page that documents the admin API, in Chromium: no login, no violation of the strict policy, routes found, opened and tried.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { setUp, withKey } from '../harness/admin-client.ts'
import { browserForFile } from '../harness/chromium.ts'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import { subscribeAndLeave } from '../harness/sessions.ts'

const chromium = await browserForFile()
const { skip } = chromium
const broker = inProcessBrokerForFile()

/** Whatever the console says, violations of the policy among it, fails the test. */
async function open(path: string, options: { width?: number; dark?: boolean } = {}): Promise<Page> {
  const context = await chromium.browser.newContext({
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: options.dark === true ? 'dark' : 'light',
  })
  const page = await context.newPage()
  const said: string[] = []
  page.on('console', message => said.push(message.text()))
  page.on('pageerror', error => said.push(error.message))
  after(async () => {
    await context.close()
    assert.deepEqual(said, [], 'the page has complained')
  })
  await page.goto(broker.httpUrl + path)
  await page.getByRole('heading', { name: 'Admin API' }).waitFor()
  await page.getByText(/^\d+ routes?$/).waitFor()
  return page
}

async function accessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  assert.deepEqual(
    violations.map(
      one =>
        `${one.id}: ${one.nodes
          .map(node => node.html)
          .slice(0, 3)
          .join(' ')}`,
    ),
    [],
  )
}

for (const width of [1280, 720, 360])
  for (const dark of [false, true])
    test(`axe finds nothing, and nothing sticks out: ${width} px, ${dark ? 'dark' : 'light'}`, {
      skip,
    }, async () => {
      const page = await open('/api/docs?q=queue#getSessionsClientIdQueue', { width, dark })
      await page.getByRole('heading', { name: 'Try it' }).waitFor()
      await page.getByText('Members: ').first().click()
      await accessible(page)
      const wide = Number(await page.evaluate('document.body.scrollWidth'))
      assert.ok(wide <= width, `${wide} of ${width}`)
    })

test('routes are found by words, which stand in the address', { skip }, async () => {
  const page = await open('/api/docs')
  await page.getByLabel('Find routes').fill('delete retained')
  await page.getByText('1 route', { exact: true }).waitFor()
  assert.equal(new URL(page.url()).searchParams.get('q'), 'delete retained')
  await page.locator('summary', { hasText: '/api/v1/retained/{topic}' }).click()
  await page.getByText('Recorded in the audit as retained.delete.').waitFor()
  await page.getByText('Needs the role operator or a higher one.').waitFor()
  assert.equal(await page.getByRole('heading', { name: 'Try it' }).count(), 0)
  await page.getByLabel('Find routes').fill('no such thing')
  await page.getByText('No route has all of these words.').waitFor()
})

test('a GET is tried with a key, and its answer shown; nothing is sent while a part is missing', {
  skip,
}, async () => {
  await subscribeAndLeave(broker, 'web/kiosk 1', 'orders/#', 1)
  const { headers } = await withKey(await setUp(broker), { role: 'viewer' })
  const page = await open('/api/docs#getSessionsClientId')
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByText('This is part of the address.').waitFor()
  await page.getByLabel('API key').fill((headers['authorization'] ?? '').replace('Bearer ', ''))
  await page.getByRole('textbox', { name: 'clientId' }).fill('web/kiosk 1')
  await page.getByText('/api/v1/sessions/web%2Fkiosk%201').waitFor()
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByText('200 OK').waitFor()
  const answer = JSON.parse(
    (await page.getByRole('region', { name: 'The answer', exact: true }).textContent()) ?? '',
  )
  assert.equal(answer.clientId, 'web/kiosk 1')
  await page.getByText(/^etag: "/).waitFor()
})
