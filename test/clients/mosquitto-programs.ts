// mosquitto_pub and mosquitto_sub as processes of a test, with what they print.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { after } from 'node:test'
import type { TestBroker } from '../harness/broker.ts'

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface MosquittoMessage {
  readonly topic: string
  readonly qos: number
  readonly retain: boolean
  readonly payload: string
}

/** How mosquitto_sub is told to print a message, and how that is told from what it says about itself. */
const MESSAGE = /^MESSAGE (\d) (\d) (\S+) (.*)$/
const format = ['-F', 'MESSAGE %q %r %t %p']

function address(broker: TestBroker): string[] {
  return ['-h', broker.host, '-p', String(broker.port)]
}

/** Runs a program of mosquitto's to its end, for at most 10 s. */
export async function run(
  path: string,
  broker: TestBroker,
  args: readonly string[],
  input?: string,
): Promise<Finished> {
  const child = spawn(path, [...address(broker), ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', chunk => {
      output[name] += chunk
    })
  }
  child.stdin.end(input)
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.once('close', resolve)
  const code = await promise
  clearTimeout(timer)
  return { code, ...output }
}

/** Runs it, and wants it to succeed. */
export async function succeed(
  path: string,
  broker: TestBroker,
  args: readonly string[],
  input?: string,
): Promise<Finished> {
  const finished = await run(path, broker, args, input)
  assert.equal(finished.code, 0, `${args.join(' ')}\n${finished.stdout}${finished.stderr}`)
  return finished
}

export function messagesIn(stdout: string): MosquittoMessage[] {
  return stdout.split('\n').flatMap(line => {
    const [, qos, retain, topic, payload] = MESSAGE.exec(line) ?? []
    if (topic === undefined || payload === undefined) return []
    return [{ topic, qos: Number(qos), retain: retain === '1', payload }]
  })
}

/** mosquitto_sub until the end of the test, or until it has got as many messages as `-C` says. */
export class MosquittoSub {
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  #changed = Promise.withResolvers<void>()
  #ended = false

  private constructor(child: ChildProcess) {
    this.#child = child
    createInterface({ input: child.stdout! }).on('line', line => {
      this.#lines.push(line)
      this.#wake()
    })
    child.once('close', () => {
      this.#ended = true
      this.#wake()
    })
    after(() => child.kill('SIGKILL'))
  }

  /** Resolves once the broker has acknowledged its subscriptions. */
  static async start(path: string, broker: TestBroker, args: readonly string[]): Promise<MosquittoSub> {
    // Into a pipe it would print nothing before it ends.
    const child = spawn('stdbuf', ['-oL', path, ...address(broker), '-d', ...format, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const sub = new MosquittoSub(child)
    await sub.#until(() => sub.#lines.some(line => line.startsWith('Subscribed')), 'to be subscribed')
    return sub
  }

  get messages(): MosquittoMessage[] {
    return messagesIn(this.#lines.join('\n'))
  }

  async take(count: number): Promise<MosquittoMessage[]> {
    await this.#until(() => this.messages.length >= count, `${count} messages`)
    return this.messages.slice(0, count)
  }

  /** It has ended by itself: it had its fill. */
  async end(): Promise<void> {
    await this.#until(() => this.#ended, 'to have ended')
  }

  /** SIGKILL leaves without DISCONNECT, SIGTERM with one. */
  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#child.kill(signal)
    await this.end()
  }

  #wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
  }

  async #until(holds: () => boolean, wanted: string): Promise<void> {
    const deadline = performance.now() + 5000
    while (!holds()) {
      const leftMs = deadline - performance.now()
      const given = leftMs > 0 && !(this.#ended && wanted !== 'to have ended')
      assert.ok(given, `expected mosquitto_sub ${wanted}, but it said only\n${this.#lines.join('\n')}`)
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, leftMs)
      await Promise.race([this.#changed.promise, promise])
      clearTimeout(timer)
    }
  }
}

export { format as messageFormat }
