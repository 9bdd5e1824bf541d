// Starts a broker as a process of its own for black-box tests, and stops, kills and restarts it.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { after, before } from 'node:test'
import {
  type BrokerTarget,
  brokerTarget,
  type Endpoints,
  type LogLine,
  launchHoldfast,
  launchMosquitto,
  type Settings,
} from './broker-program.ts'
import { matches } from './matching.ts'

export interface BrokerOptions {
  /** Each becomes `--name value`; ignored by SPEC_TARGET=mosquitto. */
  readonly settings?: Settings
  readonly environment?: Readonly<Record<string, string>>
  /** A temporary one, removed when the test process ends, unless given. */
  readonly dataDirectory?: string
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

type Run =
  | { at: 'stopped' }
  | { at: 'running'; child: ChildProcess; endpoints: Endpoints }
  /** The process ended without being asked to. */
  | { at: 'died'; exit: Exit }

const readyWithinMs = 10_000
const stopWithinMs = 12_000
const outputLinesShown = 40

const children = new Set<ChildProcess>()
const temporaryDirectories = new Set<string>()

process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const directory of temporaryDirectories) rmSync(directory, { recursive: true, force: true })
})
process.once('SIGTERM', () => process.exit(143))
process.once('SIGINT', () => process.exit(130))

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  temporaryDirectories.add(directory)
  return directory
}

/** The environment without what would change the broker under test or make it think it is a test. */
function cleanEnvironment(extra: BrokerOptions['environment']): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('HOLDFAST_') && name !== 'NODE_TEST_CONTEXT',
  )
  return { ...Object.fromEntries(kept), ...extra }
}

function parseLine(line: string, source: 'stdout' | 'stderr'): LogLine {
  if (!line.startsWith('{')) return { level: source, msg: line }
  try {
    return JSON.parse(line) as LogLine
  } catch (error) {
    return { level: source, msg: line, notJson: String(error) }
  }
}

export class TestBroker {
  readonly target: BrokerTarget = brokerTarget()
  readonly dataDirectory: string
  /** Every line of every run since the start, parsed; a line that is not JSON has its text in `msg`. */
  readonly logs: LogLine[] = []
  readonly #options: BrokerOptions
  #settings: Settings
  #run: Run = { at: 'stopped' }
  #endpoints: Endpoints | undefined
  #logged = Promise.withResolvers<void>()

  constructor(options: BrokerOptions = {}) {
    this.#options = options
    this.#settings = options.settings ?? {}
    this.dataDirectory = options.dataDirectory ?? temporaryDirectory()
  }

  get host(): string {
    return this.#whereabouts().host
  }

  get port(): number {
    return this.#whereabouts().port
  }

  get httpPort(): number {
    return this.#whereabouts().httpPort
  }

  /** `mqtt://host:port` */
  get url(): string {
    return this.#whereabouts().url
  }

  /** `http://host:port` of the admin listener. */
  get httpUrl(): string {
    return `http://${this.host}:${this.httpPort}`
  }

  /** `ws://host:port/mqtt` */
  get websocketUrl(): string {
    return this.#whereabouts().websocketUrl
  }

  get pid(): number {
    return this.#running().child.pid ?? 0
  }

  get state(): Run['at'] {
    return this.#run.at
  }

  /** Lines of level error or fatal. */
  get errors(): readonly LogLine[] {
    return this.logs.filter(line => line.level === 'error' || line.level === 'fatal')
  }

  /** Resolves once the broker says that it is ready; rejects with its output when it ends or takes too long. */
  async start(): Promise<void> {
    assert.notEqual(this.#run.at, 'running', 'the broker is already running')
    const request = {
      settings: this.#settings,
      dataDirectory: this.dataDirectory,
      endpoints: this.#endpoints,
    }
    const launch = this.target === 'mosquitto' ? await launchMosquitto(request) : launchHoldfast(request)
    const child = spawn(launch.command, launch.args, {
      env: cleanEnvironment(this.#options.environment),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const firstLine = this.logs.length
    this.#collect(child.stdout, 'stdout')
    this.#collect(child.stderr, 'stderr')
    let exit: Exit | undefined
    this.#watchEnd(child, ended => {
      exit = ended
    })
    const first = await this.#waitFor(
      () => exit ?? launch.readEndpoints(this.logs.slice(firstLine)),
      readyWithinMs,
    )
    if (first === undefined || 'code' in first) {
      child.kill('SIGKILL')
      const what = first === undefined ? `was not ready within ${readyWithinMs} ms` : wordExit(first)
      throw new Error(`the broker ${what}\n${this.output}`)
    }
    this.#endpoints = first
    this.#run = { at: 'running', child, endpoints: first }
  }

  /** SIGTERM, then SIGKILL after 12 s. */
  async stop(): Promise<Exit> {
    const { child } = this.#running()
    const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
    const exit = await this.#endBy(child, 'SIGTERM')
    clearTimeout(timer)
    return exit
  }

  /** kill -9, as a crash. */
  async kill(): Promise<void> {
    await this.#endBy(this.#running().child, 'SIGKILL')
  }

  /** Waits for the broker to end without being asked to, where a test makes it do so. */
  async waitForEnd(withinMs = 5000): Promise<Exit> {
    const { child } = this.#running()
    this.#run = { at: 'stopped' }
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs)
    const exit = await exitOf(child)
    clearTimeout(timer)
    return exit
  }

  /** Starts again on the same data directory and ports; stops first when still running. */
  async restart(settings: Settings = this.#settings): Promise<void> {
    if (this.#run.at === 'running') await this.stop()
    this.#settings = settings
    await this.start()
  }

  /** The first line with these fields, past or future; rejects with the output when none comes. */
  async waitForLog(fields: LogLine, withinMs = 2000): Promise<LogLine> {
    const line = await this.#waitFor(() => this.logs.find(line => matches(line, fields)), withinMs)
    assert.ok(line, `no log line ${JSON.stringify(fields)} within ${withinMs} ms\n${this.output}`)
    return line
  }

  /** As when the program that its log is piped into has died. */
  stopReading(): void {
    const { child } = this.#running()
    child.stdout?.destroy()
    child.stderr?.destroy()
  }

  /** The last lines logged, for failure messages. */
  get output(): string {
    const lines = this.logs.slice(-outputLinesShown).map(line => `  | ${JSON.stringify(line)}`)
    return lines.length === 0 ? '  | (no output)' : lines.join('\n')
  }

  #whereabouts(): Endpoints {
    assert.ok(this.#endpoints, 'the broker has not been started: use it inside tests and hooks')
    return this.#endpoints
  }

  #running(): Extract<Run, { at: 'running' }> {
    const run = this.#run
    if (run.at === 'running') return run
    const what = run.at === 'died' ? `ended by itself: it ${wordExit(run.exit)}` : 'is not running'
    throw new Error(`the broker ${what}\n${this.output}`)
  }

  #collect(stream: Readable, source: 'stdout' | 'stderr'): void {
    createInterface({ input: stream }).on('line', line => {
      this.#log(parseLine(line, source))
    })
  }

  #log(line: LogLine): void {
    this.logs.push(line)
    this.#logged.resolve()
    this.#logged = Promise.withResolvers<void>()
  }

  #watchEnd(child: ChildProcess, onEnd: (exit: Exit) => void): void {
    children.add(child)
    child.once('error', error => this.#log({ level: 'stderr', msg: String(error) }))
    child.once('close', (code, signal) => {
      const exit = { code, signal }
      children.delete(child)
      if (this.#run.at === 'running' && this.#run.child === child) this.#run = { at: 'died', exit }
      onEnd(exit)
      this.#log({ level: 'harness', msg: `the broker ${wordExit(exit)}` })
    })
  }

  async #endBy(child: ChildProcess, signal: NodeJS.Signals): Promise<Exit> {
    this.#run = { at: 'stopped' }
    const exit = exitOf(child)
    child.kill(signal)
    return exit
  }

  async #waitFor<T>(find: () => T | undefined, withinMs: number): Promise<T | undefined> {
    const deadline = performance.now() + withinMs
    for (;;) {
      const found = find()
      const leftMs = deadline - performance.now()
      if (found !== undefined || leftMs <= 0) return found
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, leftMs)
      await Promise.race([this.#logged.promise, promise])
      clearTimeout(timer)
    }
  }
}

/** Waits for 'close' rather than 'exit', so that all output has been read. */
function exitOf(child: ChildProcess): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>()
  child.once('close', (code, signal) => resolve({ code, signal }))
  return promise
}

function wordExit(exit: Exit): string {
  return exit.signal === null ? `exited with code ${exit.code}` : `was ended by ${exit.signal}`
}

/** A started broker for one test, which stops it; one that a failed test left running is killed, or the file would never end. */
export async function startBroker(options: BrokerOptions = {}): Promise<TestBroker> {
  const broker = new TestBroker(options)
  after(async () => {
    if (broker.state === 'running') await broker.kill()
  })
  await broker.start()
  return broker
}

export interface FileBrokerOptions extends Omit<BrokerOptions, 'settings'> {
  /** Allows lines of level error in the log, where a test provokes them. */
  readonly expectErrors?: boolean
}

/**
 * One broker for all tests of a file (or of the `describe` it is called in): started before them, stopped after
 * them, when it must still be alive, exit 0 and have logged no error.
 */
export function brokerForFile(settings: Settings = {}, options: FileBrokerOptions = {}): TestBroker {
  const broker = new TestBroker({ ...options, settings })
  before(() => broker.start())
  after(async () => {
    // A test may end by stopping the broker itself; one that died fails in `stop`.
    if (broker.state !== 'stopped') {
      const exit = await broker.stop()
      assert.deepEqual(exit, { code: 0, signal: null }, `the broker ${wordExit(exit)}\n${broker.output}`)
    }
    if (options.expectErrors !== true) {
      assert.deepEqual(broker.errors, [], `the broker logged errors\n${broker.output}`)
    }
  })
  return broker
}
