// The tortured broker as a process: started, killed, started again on the same port and data directory.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { waitForPort } from '../../../bench/peers/port.ts'
import type { Subject } from './subjects.ts'

const OUTPUT_CHARACTERS_MAX = 8_000
const STOP_WITHIN_MS = 30_000
/** Ten seconds each. */
const START_TRIES_MAX = 6

export class BrokerProcess {
  readonly #subject: Subject
  readonly #port: number
  readonly #dataDirectory: string
  readonly #environment: Readonly<Record<string, string>>
  #child: ChildProcess | undefined
  #output = ''
  /** Ends that nobody asked for. */
  deaths = 0

  constructor(
    subject: Subject,
    port: number,
    dataDirectory: string,
    environment: Readonly<Record<string, string>>,
  ) {
    this.#subject = subject
    this.#port = port
    this.#dataDirectory = dataDirectory
    this.#environment = environment
  }

  /** The last of what it printed. */
  get output(): string {
    return this.#output
  }

  get isRunning(): boolean {
    return this.#child !== undefined
  }

  /** Without waiting until it listens. */
  launch(): void {
    const [file = '', ...args] = this.#subject.command(this.#port, this.#dataDirectory)
    const child = spawn(file, args, {
      env: { ...process.env, ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    const collect = (bytes: Buffer): void => {
      this.#output = (this.#output + bytes.toString()).slice(-OUTPUT_CHARACTERS_MAX)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.once('exit', (code, signal) => {
      if (this.#child !== child) return
      this.#child = undefined
      this.deaths++
      this.#output += `\nit ended by itself: ${signal ?? `code ${code}`}\n`
    })
  }

  async start(): Promise<void> {
    this.launch()
    for (let tries = 1; ; tries++) {
      try {
        await waitForPort(this.#port, () => !this.isRunning)
        return
      } catch (error) {
        // A machine with much else to do may need longer than one wait.
        if (this.isRunning && tries < START_TRIES_MAX) continue
        throw new Error(`the broker did not start:\n${this.#output}`, { cause: error })
      }
    }
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** SIGTERM; returns how it ended. */
  async stop(): Promise<number | NodeJS.Signals | null> {
    const child = this.#child
    const timer = setTimeout(() => child?.kill('SIGKILL'), STOP_WITHIN_MS)
    await this.#end('SIGTERM')
    clearTimeout(timer)
    return child?.exitCode ?? child?.signalCode ?? null
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.#child = undefined
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  /** For the way out of the program. */
  killNow(): void {
    this.#child?.kill('SIGKILL')
  }
}
