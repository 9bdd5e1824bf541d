// A broker in the test process with a clock that can be moved, whose events are written down: for the operator's verbs.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import type { BrokerParts } from '../../server/broker/parts.ts'
import { type Clock, SystemClock } from '../../server/clock.ts'
import type { BrokerEvent, By } from '../../server/events.ts'
import type { History } from '../../server/read-model/history/history.ts'
import type { SessionTable } from '../../server/read-model/session-table.ts'
import type { Session } from '../../server/session/session.ts'
import type { RunningBroker } from '../../server/start.ts'
import type { Settings } from './broker-program.ts'
import { InProcessBroker } from './in-process-broker.ts'
import type { Address } from './raw-client.ts'

export const ANA: By = { actor: 'ana', reason: 'ticket 4411' }

class MovedClock implements Clock {
  readonly #machine = new SystemClock()
  aheadMs = 0

  now(): number {
    return this.#machine.now() + this.aheadMs
  }
}

type Kind = BrokerEvent['kind']
type EventOf<K extends Kind> = Extract<BrokerEvent, { readonly kind: K }>

const WITHIN_MS = 3_000
const POLL_MS = 10

export class OperatedBroker implements Address {
  readonly #broker: InProcessBroker
  readonly #events: BrokerEvent[] = []
  readonly #clock = new MovedClock()

  constructor(settings: Settings) {
    const learn = (event: BrokerEvent): void => {
      this.#events.push(event)
    }
    // A client that asks for no keep alive is given none: the clock is moved while clients are silent.
    const given = { 'keep-alive-max': 'off', ...settings }
    this.#broker = new InProcessBroker(given, { clock: this.#clock, learn })
  }

  get host(): string {
    return this.#broker.host
  }

  get port(): number {
    return this.#broker.port
  }

  get websocketUrl(): string {
    return this.#broker.websocketUrl
  }

  get httpUrl(): string {
    return this.#broker.httpUrl
  }

  /** Every line of the log since the start, as JSON. */
  get logs(): readonly string[] {
    return this.#broker.logs
  }

  get parts(): BrokerParts {
    return this.running.broker.parts
  }

  get running(): RunningBroker {
    return this.#broker.running
  }

  get table(): SessionTable {
    return this.#broker.running.table
  }

  get history(): History {
    return this.running.history
  }

  start(): Promise<void> {
    return this.#broker.start()
  }

  /** It must have logged no error. */
  async stop(): Promise<void> {
    await this.#broker.stop()
    const errors = this.#broker.logs.filter(line => line.includes('"level":"error"'))
    assert.deepEqual(errors, [], 'the broker logged errors')
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  now(): number {
    return this.#clock.now()
  }

  /** Deadlines that come due by this fire within a tenth of a second. */
  leap(milliseconds: number): void {
    this.#clock.aheadMs += milliseconds
  }

  session(clientId: string): Session {
    const session = this.parts.registry.get(clientId)
    assert.ok(session, `there is no session of ${clientId}`)
    return session
  }

  events<K extends Kind>(kind: K, clientId: string): readonly EventOf<K>[] {
    return this.#events.filter(
      (event): event is EventOf<K> => event.kind === kind && event.clientId === clientId,
    )
  }

  /** The one event of that kind about that client. */
  event<K extends Kind>(kind: K, clientId: string): EventOf<K> {
    const events = this.events(kind, clientId)
    assert.equal(events.length, 1, `there are ${events.length} events ${kind} of ${clientId}`)
    return events[0]!
  }

  /** What happened to this client, in order. */
  story(clientId: string): readonly Kind[] {
    return this.#events.filter(event => event.clientId === clientId).map(event => event.kind)
  }

  /** Resolves as soon as it is so; for what a timer or another connection brings about. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + WITHIN_MS
    while (!isSo()) {
      assert.ok(performance.now() < deadline, `it did not come about that ${what}`)
      await new Promise(resolve => setTimeout(resolve, POLL_MS))
    }
  }
}

/** One broker for all tests of a file, with the store that users have; `prepare` runs before them, once it has started. */
export function operatedBrokerForFile(
  settings: Settings = {},
  prepare?: (broker: OperatedBroker) => Promise<void>,
): OperatedBroker {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-operations-'))
  const broker = new OperatedBroker({ store: 'embedded', 'data-dir': directory, ...settings })
  before(async () => {
    await broker.start()
    await prepare?.(broker)
  })
  after(async () => {
    await broker.stop()
    rmSync(directory, { recursive: true })
  })
  return broker
}

/** A broker whose store is on the disk, for one test, which may restart it. */
export async function durableBroker(settings: Settings = {}): Promise<OperatedBroker> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-operations-'))
  const broker = new OperatedBroker({ store: 'embedded', 'data-dir': directory, ...settings })
  await broker.start()
  after(async () => {
    await broker.stop()
    rmSync(directory, { recursive: true })
  })
  return broker
}
