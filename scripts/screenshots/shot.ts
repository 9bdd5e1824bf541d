// A state of a page that a picture is taken of, in each theme and width; each file beside this one has those of its pages.

import type { Page } from 'playwright-core'
import { until } from '../../test/browser/console-page.ts'
import type { Settings } from '../../test/harness/broker-program.ts'

export interface ShotBroker {
  readonly url: string
  /** Only a broker of the shot's own stops. */
  stop(): Promise<void>
  start(): Promise<void>
}

export interface Shot {
  /** Begins with the name of the page: `overview-empty`. */
  readonly name: string
  readonly path: string
  /** fleet: as `npm run demo` fills it; empty: nobody has used it; else one of its own with these settings. */
  readonly broker: 'fleet' | 'empty' | Settings
  /** `nobody`: not logged in. An admin may do everything, a viewer nothing. */
  readonly as?: 'admin' | 'viewer' | 'nobody'
  /** Before the page is loaded, as to let requests fail. */
  readonly prepare?: (page: Page) => Promise<unknown>
  /** Brings the page into the state; until it has what the picture is of. */
  readonly show: (page: Page, broker: ShotBroker) => Promise<void>
}

/** Everything that the page asked for is there. */
export async function calm(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor()
  await until(page, "document.querySelector('main [aria-busy=true]') === null")
  await page.locator('header button[data-live="live"]').waitFor()
}
