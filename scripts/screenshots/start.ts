// Pictures of the start page: the live check in each of its states, and a broker that is gone.

import type { Page } from 'playwright-core'
import type { Shot } from './shot.ts'

/** Fewer than the live check publishes, so that it fails for a reason that the page can name. */
const QUEUE_MESSAGES_MAX = 3
/** The connections of the live check in the order in which it opens them; the publisher's is held back. */
const PUBLISHER_CONNECTION = 3

const start = { path: '/', as: 'nobody' } as const

export const shots: readonly Shot[] = [
  { ...start, name: 'start-ready', broker: 'empty', show: ready },
  {
    ...start,
    name: 'start-checking',
    broker: 'empty',
    prepare: holdPublisher,
    show: async page => {
      await runCheck(page)
      await page.locator('li.running', { hasText: 'second client' }).waitFor()
    },
  },
  {
    ...start,
    name: 'start-passed',
    broker: 'empty',
    show: async page => {
      await runCheck(page)
      await page.getByText(/^Passed/).waitFor()
    },
  },
  {
    ...start,
    name: 'start-failed',
    broker: { 'queue-messages-max': QUEUE_MESSAGES_MAX },
    show: async page => {
      await runCheck(page)
      await page.getByText(/^Failed/).waitFor()
    },
  },
  {
    ...start,
    name: 'start-unreachable',
    broker: {},
    show: async (page, broker) => {
      await ready(page)
      await broker.stop()
      await page.getByRole('heading', { name: 'The broker does not answer' }).waitFor()
      await broker.start()
    },
  },
]

async function ready(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'The broker is running' }).waitFor()
}

async function runCheck(page: Page): Promise<void> {
  await ready(page)
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
