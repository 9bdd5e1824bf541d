// Starts a broker inside the test process, for what only an extension can bring: authentication methods, stores.

import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { loadSettings } from '../../server/config/load.ts'
import { describeProblem } from '../../server/config/source.ts'
import { createLog } from '../../server/log.ts'
import { type RunningBroker, type StartOptions, startBroker } from '../../server/start.ts'
import type { Settings } from './broker-program.ts'
import type { Address } from './raw-client.ts'

export class InProcessBroker implements Address {
  /** Every line of the log since the start, as JSON. */
  readonly logs: string[] = []
  readonly #settings: Settings
  readonly #options: StartOptions
  #running: RunningBroker | undefined

  constructor(settings: Settings, options: StartOptions) {
    this.#settings = settings
    this.#options = options
  }

  get host(): string {
    return this.#url('tcp').hostname
  }

  get port(): number {
    return Number(this.#url('tcp').port)
  }

  get websocketUrl(): string {
    return this.#listener('http').mqttUrl ?? ''
  }

  get httpUrl(): string {
    return this.#listener('http').url
  }

  get running(): RunningBroker {
    assert.ok(this.#running, 'the broker has not been started: use it inside tests and hooks')
    return this.#running
  }

  /** Default settings, these on top, on free ports of the loopback interface. */
  async start(): Promise<void> {
    const given = Object.entries({ 'mqtt-port': 0, 'http-port': 0, store: 'memory', ...this.#settings })
    const loaded = loadSettings({
      argv: given.flatMap(([name, value]) => [`--${name}`, `${value}`]),
      environment: {},
      workingDirectory: process.cwd(),
      readFile: path => assert.fail(`there is no settings file ${path}`),
    })
    assert.ok(loaded.ok, loaded.ok ? '' : loaded.problems.map(describeProblem).join('\n'))
    const log = createLog({
      level: 'debug',
      format: 'json',
      write: line => this.logs.push(line),
      now: () => Date.now(),
    })
    this.#running = await startBroker(loaded.settings, log, {
      sources: loaded.sources,
      ...this.#options,
    })
  }

  async stop(): Promise<void> {
    await this.running.stop()
    this.#running = undefined
  }

  #listener(name: string): RunningBroker['listeners'][number] {
    const listener = this.running.listeners.find(one => one.listener === name)
    assert.ok(listener, `there is no listener ${name}`)
    return listener
  }

  #url(name: string): URL {
    return new URL(this.#listener(name).url)
  }
}

/** One broker for all tests of a file, started before them and stopped after them; it must have logged no error. */
export function inProcessBrokerForFile(settings: Settings = {}, options: StartOptions = {}): InProcessBroker {
  const broker = new InProcessBroker(settings, options)
  before(() => broker.start())
  after(async () => {
    await broker.stop()
    const errors = broker.logs.filter(line => line.includes('"level":"error"'))
    assert.deepEqual(errors, [], 'the broker logged errors')
  })
  return broker
}
