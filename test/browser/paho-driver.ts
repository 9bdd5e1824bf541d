// Drives Eclipse Paho JS in a real browser: each client is a tab on a page from another origin than the broker's.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import ts from 'typescript'
import { type ClientEvent, type ConnectRequest, DrivenClient } from '../clients/driven-client.ts'
import type { Address } from '../harness/raw-client.ts'
import type { PageOptions, TestBrowser } from './chromium.ts'
import type { Site } from './page-server.ts'
import type { TabConnect } from './paho-tab.ts'

export interface TabRequest extends ConnectRequest, PageOptions {
  readonly address: Address
  readonly mqttVersion?: 3 | 4
  /** 45 unless given. */
  readonly keepAliveSeconds?: number
}

export interface Tab {
  readonly page: Page
  readonly client: DrivenClient
}

const pahoFile = join(import.meta.dirname, '../../node_modules/paho-mqtt/paho-mqtt.js')
const tabFile = join(import.meta.dirname, 'paho-tab.ts')

export const pahoScript = { type: 'text/javascript', body: readFileSync(pahoFile, 'utf8') } as const

const html = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<title>Paho</title>
<script src="/paho-mqtt.js"></script>
<script type="module" src="/tab.js"></script>
`

export class PahoBrowser {
  readonly #browser: TestBrowser
  readonly #site: Site
  /** The client that each tab reports to now. */
  readonly #clients = new Map<Page, DrivenClient>()

  constructor(browser: TestBrowser, site: Site) {
    this.#browser = browser
    this.#site = site
    site.put('/', { type: 'text/html', body: html })
    site.put('/paho-mqtt.js', pahoScript)
    site.put('/tab.js', {
      type: 'text/javascript',
      body: ts.transpile(readFileSync(tabFile, 'utf8'), {
        target: ts.ScriptTarget.ES2024,
        module: ts.ModuleKind.ESNext,
      }),
    })
  }

  /** A tab with its script loaded and nothing connected, under the site's own origin unless another is given. */
  async open(options: PageOptions = {}, origin: string = this.#site.origin): Promise<Tab> {
    const page = await this.#browser.open(options)
    const client = new DrivenClient(command => page.evaluate(`tab.perform(${JSON.stringify(command)})`))
    if (!this.#clients.has(page)) {
      await page.exposeFunction('report', (event: ClientEvent) => this.#clients.get(page)?.onEvent(event))
    }
    this.#clients.set(page, client)
    await page.goto(`${origin}/`)
    return { page, client }
  }

  async connect(request: TabRequest): Promise<DrivenClient> {
    const tab = await this.open(request)
    await connectTab(tab, request)
    return tab.client
  }
}

export async function connectTab(tab: Tab, request: TabRequest): Promise<void> {
  const { address, clientId, clean, reconnect = false, keepAliveSeconds = 45, mqttVersion } = request
  const given: TabConnect = {
    url: address.websocketUrl,
    clientId,
    clean,
    reconnect,
    keepAliveSeconds,
    ...(mqttVersion === undefined ? {} : { mqttVersion }),
  }
  await tab.page.evaluate(`tab.connect(${JSON.stringify(given)})`)
}
