// Getting in, in Chromium: the set-up link, a wrong password, logging out and in again; no token is left in the address.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Locator, Page } from 'playwright-core'
import { PASSWORD } from '../harness/admin-client.ts'
import { browserForFile } from '../harness/chromium.ts'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'

const chromium = await browserForFile()
const { skip } = chromium
const broker = inProcessBrokerForFile()

/** What a browser says of each refused request; everything else on the console is a defect. */
const refused = /the server responded with a status of 401/

test('the first admin is made, logs out, and logs in again', { skip }, async () => {
  const context = await chromium.browser.newContext()
  const page = await context.newPage()
  const said: string[] = []
  page.on('console', message => said.push(message.text()))
  page.on('pageerror', error => said.push(error.message))
  await page.goto(broker.running.setupLink ?? '')
  await page.getByLabel('Name').fill('ana')
  assert.equal(new URL(page.url()).hash, '', 'the token does not stay in the address')
  await page.getByLabel('Password', { exact: false }).first().fill('short')
  await page.getByLabel('Password again').fill('other')
  await page.getByRole('button', { name: 'Make the admin' }).click()
  await page.getByText('The two passwords are not the same.').waitFor()
  await accessible(page)
  await page.getByLabel('Password', { exact: false }).first().fill(PASSWORD)
  await page.getByLabel('Password again').fill(PASSWORD)
  await page.getByRole('button', { name: 'Make the admin' }).click()
  await logOut(page)
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  await accessible(page)
  await logIn(page, 'not the password')
  await page.getByText('The name or the password is wrong.').waitFor()
  await logIn(page, PASSWORD)
  await accountMenu(page).waitFor()
  await page.reload()
  await accountMenu(page).waitFor()
  assert.deepEqual(
    said.filter(text => !refused.test(text)),
    [],
  )
  const [cookie] = await context.cookies()
  assert.deepEqual([cookie?.name, cookie?.httpOnly, cookie?.sameSite], ['holdfast', true, 'Strict'])
  await context.close()
})

test('a link without its token, and an address that leads nowhere, say so', { skip }, async () => {
  const page = await chromium.browser.newPage()
  await page.goto(`${broker.httpUrl}/setup`)
  await page.getByText('This address has no token in it.').waitFor()
  assert.equal((await page.goto(`${broker.httpUrl}/nowhere/at/all`))?.status(), 404)
  await page.getByText('There is nothing at this address').waitFor()
  await page.close()
})

function accountMenu(page: Page): Locator {
  return page.getByRole('button', { name: 'ana, admin: menu' })
}

async function logOut(page: Page): Promise<void> {
  await accountMenu(page).click()
  await page.getByRole('button', { name: 'Log out' }).click()
}

async function logIn(page: Page, password: string): Promise<void> {
  await page.getByLabel('Name').fill('ana')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
}

async function accessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  assert.deepEqual(
    violations.map(one => one.id),
    [],
  )
}
