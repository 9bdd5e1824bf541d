// What a browser fetches before it shows a page: little, because pages are fetched when they are opened.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Response } from 'playwright-core'
import { type AdminClient, setUp } from '../harness/admin-client.ts'
import { browserForFile } from '../harness/chromium.ts'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import { openConsole } from './console-page.ts'

const SCRIPT_BYTES_MAX = 60_000
const STYLE_BYTES_MAX = 15_000
/** Fetched when the page is there already, for what draws its chart. */
const later = /rate-plot/

const chromium = await browserForFile()
const { skip } = chromium
const broker = inProcessBrokerForFile()
let made: AdminClient | undefined

async function root(): Promise<AdminClient> {
  made ??= await setUp(broker)
  return made
}

for (const path of ['/', '/start', '/login']) {
  test(`${path} loads at most ${SCRIPT_BYTES_MAX} bytes of scripts and ${STYLE_BYTES_MAX} of styles`, {
    skip,
  }, async () => {
    const responses: Response[] = []
    const { page } = await openConsole(chromium.browser, await root(), path, {
      prepare: async page => {
        page.on('response', response => responses.push(response))
      },
    })
    await page.getByRole('heading', { level: 1 }).waitFor()
    const bytes = { js: 0, css: 0 }
    for (const response of responses) {
      const kind = /\.(js|css)$/.exec(response.url())?.[1]
      if ((kind !== 'js' && kind !== 'css') || later.test(response.url())) continue
      bytes[kind] += gzipSync(await response.body()).length
    }
    assert.ok(bytes.js > 0 && bytes.js <= SCRIPT_BYTES_MAX, `${bytes.js} bytes of scripts`)
    assert.ok(bytes.css > 0 && bytes.css <= STYLE_BYTES_MAX, `${bytes.css} bytes of styles`)
    assert.ok(!responses.some(response => /paho-mqtt/.test(response.url())))
  })
}
