// Conflicts in Chromium: two tabs of a page with one client id, shown with who they are, what helps, and a hold.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logIn, PASSWORD } from '../harness/admin-client.ts'
import { administeredForFile } from '../harness/checked-admin.ts'
import { browserForFile as plainBrowserForFile } from '../harness/chromium.ts'
import { browserForFile } from './browser-file.ts'
import { expectAccessible, openConsole } from './console-page.ts'
import { connectTab } from './paho-driver.ts'

const tabs = await browserForFile()
const operators = await plainBrowserForFile()
const { skip } = tabs
const { broker, admin } = administeredForFile()

test('while nobody fights it says what a conflict is', { skip }, async () => {
  const { page } = await openConsole(operators.browser, admin().client, '/conflicts')
  await page.getByText('No client id has been fought over in 24 h').waitFor()
  await expectAccessible(page, 'no conflicts')
})

test('two tabs with one client id: the sentence, both sides, the code that mends it, and a hold', {
  skip,
}, async () => {
  const clientId = 'web-orders #1'
  const request = {
    address: broker,
    clientId,
    clean: false,
    reconnect: true,
    tab: 'new',
    allowed: /WebSocket|closed/,
  } as const
  for (let time = 0; time < 2; time++) await connectTab(await tabs.paho.open(request), request)
  await broker.until('it is a conflict', () => broker.history.findConflict(clientId)?.isActive === true)
  const { page } = await openConsole(operators.browser, admin().client, '/conflicts')
  await page.getByRole('link', { name: clientId, exact: true }).click()
  assert.equal(new URL(page.url()).searchParams.get('id'), clientId)
  const detail = page.getByRole('region', { name: `Conflict over ${clientId}` })
  await detail.getByText(/^Two Chrome tabs on .* use the same client id; each is pushed out/).waitFor()
  await detail.getByText('sessionStorage.setItem').waitFor()
  await detail.getByText('navigator.locks.request').waitFor()
  await detail.getByRole('cell', { name: tabs.site.origin }).waitFor()
  await expectAccessible(page, 'a conflict', 'all')
  await detail.getByRole('button', { name: 'Hold 60 s' }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `Hold ${clientId}` })
    .click()
  await broker.until('it is held', () => broker.parts.holds.find(clientId) !== undefined)
  await detail.getByText(/held, released in/).waitFor()
  await detail.getByRole('button', { name: 'Release' }).waitFor()
  await detail.getByRole('link', { name: 'Open the session' }).click()
  await page.getByText(/held, released in/).waitFor()
  await page
    .getByRole('listitem')
    .getByText(/^Taken over after/)
    .first()
    .waitFor()
})

test('a viewer sees conflicts and no hold', { skip }, async () => {
  await admin().post('/users', { name: 'vera', password: PASSWORD, role: 'viewer' }, 201)
  const as = await logIn(broker.httpUrl, 'vera')
  const { page } = await openConsole(operators.browser, as, '/conflicts?id=web-orders+%231')
  await page.getByText('A hold is not offered: needs the role operator.').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Hold 60 s' }).count(), 0)
})
