// Writes pictures of every page in every state, size and theme into screenshots/, to be looked at by people.

import { mkdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { startBroker, type TestBroker } from '../test/harness/broker.ts'
import { launchChromium } from '../test/harness/chromium.ts'
import { requireProgram } from '../test/harness/programs.ts'

const folder = fileURLToPath(new URL('../screenshots/', import.meta.url))
const sizes = [
  { width: 1280, height: 800 },
  { width: 720, height: 1000 },
  { width: 360, height: 740 },
] as const
const themes = ['light', 'dark'] as const

/** Fewer than the live check publishes, so that it fails for a reason that the page can name. */
const QUEUE_MESSAGES_MAX = 3
/** The connections of the live check in the order in which it opens them; the publisher's is held back. */
const PUBLISHER_CONNECTION = 3

interface State {
  readonly name: string
  readonly settings?: Readonly<Record<string, number>>
  /** Brings the page into the state, from the broker being ready. */
  readonly show: (page: Page, broker: TestBroker) => Promise<void>
}

const states: readonly State[] = [
  { name: 'ready', show: async () => undefined },
  {
    name: 'checking',
    show: async page => {
      await runCheck(page)
      await page.locator('li.running', { hasText: 'second client' }).waitFor()
    },
  },
  {
    name: 'passed',
    show: async page => {
      await runCheck(page)
      await page.getByText(/^Passed/).waitFor()
    },
  },
  {
    name: 'failed',
    settings: { 'queue-messages-max': QUEUE_MESSAGES_MAX },
    show: async page => {
      await runCheck(page)
      await page.getByText(/^Failed/).waitFor()
    },
  },
  {
    name: 'unreachable',
    show: async (page, broker) => {
      await broker.stop()
      await page.getByRole('heading', { name: 'The broker does not answer' }).waitFor()
      await broker.start()
    },
  },
]

const program = await requireProgram('chromium')
if ('skip' in program) throw new Error(program.skip)
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
const browser = await launchChromium(program.path)
try {
  for (const state of states) await takeAll(browser, state)
} finally {
  await browser.close()
}

async function takeAll(browser: Browser, state: State): Promise<void> {
  const broker = await startBroker(state.settings === undefined ? {} : { settings: state.settings })
  for (const theme of themes) {
    for (const viewport of sizes) {
      const context = await browser.newContext({ viewport, colorScheme: theme, reducedMotion: 'reduce' })
      const page = await context.newPage()
      if (state.name === 'checking') await holdPublisher(page)
      await page.goto(broker.httpUrl)
      await page.getByRole('heading', { name: 'The broker is running' }).waitFor()
      // Not after a broker has been stopped that was to send them.
      await page.evaluate('document.fonts.ready')
      await state.show(page, broker)
      await page.mouse.move(0, 0)
      const file = `start-${state.name}-${viewport.width}-${theme}.png`
      await page.screenshot({ path: folder + file, fullPage: true })
      console.log(`screenshots/${file}`)
      await context.close()
    }
  }
  await broker.stop()
}

async function runCheck(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run the check' }).click()
}

/** Lets nothing through to the publisher, so that the check stands still half way. */
async function holdPublisher(page: Page): Promise<void> {
  let connections = 0
  await page.routeWebSocket(/\/mqtt$/, route => {
    connections++
    if (connections === PUBLISHER_CONNECTION) return
    route.connectToServer()
  })
}
