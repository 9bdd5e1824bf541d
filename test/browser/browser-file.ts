// What test files with Paho in a browser share: one Chromium and one site for the file, or why there is none.

import { after, before } from 'node:test'
import { requireProgram } from '../harness/programs.ts'
import { TestBrowser } from './chromium.ts'
import { openSite, type Site } from './page-server.ts'
import { PahoBrowser } from './paho-driver.ts'

export interface BrowserFile {
  /** For the options of each test. */
  readonly skip: string | false
  /** For hooks, which do not wait for each other: resolves once the rest may be used (or is skipped). */
  readonly ready: Promise<void>
  readonly browser: TestBrowser
  readonly site: Site
  readonly paho: PahoBrowser
}

/** To be called once, at the top of a test file. */
export async function browserForFile(): Promise<BrowserFile> {
  const program = await requireProgram('chromium')
  let opened: Pick<BrowserFile, 'browser' | 'site' | 'paho'> | undefined
  const ready = Promise.withResolvers<void>()
  const launch = async (): Promise<void> => {
    if ('skip' in program) return
    const browser = await TestBrowser.launch(program.path)
    const site = await openSite()
    opened = { browser, site, paho: new PahoBrowser(browser, site) }
  }
  before(() => {
    ready.resolve(launch())
    return ready.promise
  })
  after(async () => {
    await opened?.browser.close()
    opened?.site.close()
  })
  return {
    skip: 'skip' in program ? program.skip : false,
    ready: ready.promise,
    get browser() {
      return opened!.browser
    },
    get site() {
      return opened!.site
    },
    get paho() {
      return opened!.paho
    },
  }
}
