// Clients with a will that go without a goodbye, many of them because the broker is killed under them.

import { setTimeout as sleep } from 'node:timers/promises'
import { type IConnectPacket, persistentConnect } from './link.ts'
import { unlessGone, Visit } from './visit.ts'
import type { World } from './world.ts'

const TOPIC = 'wills'
/** A patient client's next connection waits that long for the will of its last one. */
const ARRIVES_WITHIN_MS = 3_000
const LOOK_EVERY_MS = 50

export const willFilter = TOPIC

export class Wills {
  readonly #world: World
  readonly #arrived = new Set<string>()
  readonly #due: { readonly payload: string; readonly how: string }[] = []

  constructor(world: World) {
    this.#world = world
  }

  /** For the subscriber that is told of all wills. */
  arrive(payload: Buffer): void {
    this.#arrived.add(payload.toString())
  }

  /** A will without a delay is due when its connection ends: a client that is back at once does not call it off. */
  async run(clientId: string, haste: 'patient' | 'impatient'): Promise<void> {
    for (let count = 0; this.#world.phase === 'running'; count++) {
      await this.#world.pause(20, 200)
      const payload = `${clientId} ${count}`
      const how = await unlessGone(() => this.#live(clientId, payload))
      if (how === 'said-goodbye' || how === 'never-there') continue
      this.#due.push({ payload, how: how ?? 'interrupted' })
      if (haste === 'impatient') continue
      for (let left = ARRIVES_WITHIN_MS; left > 0 && this.#isAwaited(payload); left -= LOOK_EVERY_MS) {
        await sleep(LOOK_EVERY_MS)
      }
    }
  }

  /** Once the run drains, whoever is told of wills is there until the end. */
  #isAwaited(payload: string): boolean {
    return this.#world.phase === 'running' && !this.#arrived.has(payload)
  }

  async #live(
    clientId: string,
    payload: string,
  ): Promise<'said-goodbye' | 'never-there' | 'broke-off' | 'was-cut-off'> {
    const connect: IConnectPacket = {
      ...persistentConnect(clientId, 5),
      will: { topic: TOPIC, payload: Buffer.from(payload), qos: 1, retain: false },
    }
    const visit = await unlessGone(() => Visit.open(this.#world.port, connect))
    if (visit === undefined) return 'never-there'
    await this.#world.pause(50, 400)
    // A crash may have come before the goodbye could: whether that will is due nobody can tell.
    if (!visit.isClosed && this.#world.random.once(4)) {
      await visit.leave()
      return 'said-goodbye'
    }
    const how = visit.isClosed ? 'was-cut-off' : 'broke-off'
    visit.destroy()
    return how
  }

  /** After the drain. */
  check(): void {
    const { state, ledger } = this.#world
    state.willsChecked = this.#due.length
    for (const { payload, how } of this.#due) {
      if (this.#arrived.has(payload)) continue
      state.willsLost++
      ledger.example(`will lost: ${payload}, whose client ${how}`)
    }
  }
}
