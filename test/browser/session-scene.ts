// Sessions for tests of the console's list and acts: made by real clients, some with messages that wait; and who looks.

import type { Locator, Page } from 'playwright-core'
import { type AdminClient, type Administered, logIn, PASSWORD, setUp } from '../harness/admin-client.ts'
import { type Address, RawClient } from '../harness/raw-client.ts'
import { resume } from '../harness/sessions.ts'

export class SessionScene {
  readonly #broker: Administered & Address
  /**
   * Not their promises: who awaits one that another test has made is taken for that test by its hooks.
   */
  readonly #people = new Map<string, AdminClient>()

  constructor(broker: Administered & Address) {
    this.#broker = broker
  }

  admin(): Promise<AdminClient> {
    return this.#person('root', () => setUp(this.#broker))
  }

  as(role: 'viewer' | 'operator'): Promise<AdminClient> {
    return this.#person(role, async () => {
      const admin = await this.admin()
      await admin.post('/users', { name: role, password: PASSWORD, role })
      return logIn(this.#broker.httpUrl, role)
    })
  }

  /** Leaves a session with one subscription and so many messages that wait for it. */
  async away(clientId: string, messages = 0): Promise<void> {
    const client = await resume(this.#broker, clientId)
    await client.subscribe(`for/${clientId}`, 1)
    await client.disconnect()
    await this.publish(clientId, messages)
  }

  async publish(clientId: string, messages: number): Promise<void> {
    if (messages === 0) return
    const publisher = await RawClient.connected(this.#broker, { clientId: `to-${clientId}` })
    for (let number = 1; number <= messages; number++)
      await publisher.publish({ topic: `for/${clientId}`, payload: `message ${number}`, qos: 1 })
    await publisher.disconnect()
  }

  /** Connected until the end of the test. */
  here(clientId: string): Promise<RawClient> {
    return resume(this.#broker, clientId)
  }

  async #person(name: string, make: () => Promise<AdminClient>): Promise<AdminClient> {
    const person = this.#people.get(name) ?? (await make())
    this.#people.set(name, person)
    return person
  }
}

export function grid(page: Page): Locator {
  return page.getByRole('grid', { name: 'Sessions' })
}

/** The row of a client id; client ids of a test are no part of one another. */
export function rowOf(page: Page, clientId: string): Locator {
  return grid(page).getByRole('row').filter({ hasText: clientId })
}

/** From top to bottom, as far as they are in the page. */
export async function shownIds(page: Page): Promise<readonly string[]> {
  return grid(page).locator('.row .id > span:first-child').allInnerTexts()
}

/** A list is live once the stream is open. */
export async function untilLive(page: Page): Promise<void> {
  await page.locator('header button[data-live="live"]').waitFor()
}
