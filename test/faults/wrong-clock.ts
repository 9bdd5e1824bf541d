// A broker on a data directory of its own, whose machine's clock is wrong by as much as a test says.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { type Clock, SystemClock } from '../../server/clock.ts'
import type { Settings } from '../harness/broker-program.ts'
import { InProcessBroker } from '../harness/in-process-broker.ts'
import { RawClient } from '../harness/raw-client.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS

class WrongClock implements Clock {
  readonly #right = new SystemClock()
  wrongByMs = 0

  now(): number {
    return this.#right.now() + this.wrongByMs
  }
}

export interface World {
  readonly clock: WrongClock
  readonly broker: InProcessBroker
  /** The next run of the broker begins with a clock that is wrong by so much more. */
  restart(jumpMs: number): Promise<void>
}

export async function begin(given: Settings = {}): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-clock-'))
  const clock = new WrongClock()
  const settings = { store: 'embedded', 'data-dir': directory, ...given }
  const broker = new InProcessBroker(settings, { clock })
  await broker.start()
  after(async () => {
    await broker.stop()
    rmSync(directory, { recursive: true })
  })
  const restart = async (jumpMs: number): Promise<void> => {
    await broker.stop()
    clock.wrongByMs += jumpMs
    await broker.start()
  }
  return { clock, broker, restart }
}

export async function leaveSession(
  broker: InProcessBroker,
  clientId: string,
  expirySeconds: number,
): Promise<void> {
  const properties = { sessionExpiryInterval: expirySeconds }
  const client = await RawClient.connected(broker, { clientId, clean: false, properties })
  await client.subscribe('clock/#', 1)
  await client.disconnect()
}

export async function isThere(broker: InProcessBroker, clientId: string): Promise<boolean> {
  const client = await RawClient.open(broker)
  const properties = { sessionExpiryInterval: 7200 }
  const { sessionPresent } = await client.connect({ clientId, clean: false, properties })
  await client.disconnect()
  return sessionPresent
}
