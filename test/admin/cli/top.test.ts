// `holdfast top` on a terminal of its own, against a broker with real clients.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { adminCliForFile } from '../../harness/admin-cli.ts'
import { withKey } from '../../harness/admin-client.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { requireProgram } from '../../harness/programs.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { subscribeAndLeave } from '../../harness/sessions.ts'

const script = await requireProgram('script')
const broker = inProcessBrokerForFile()
const holdfast = adminCliForFile(broker)
const mainFile = fileURLToPath(new URL('../../../server/main.ts', import.meta.url))
const WITHIN_MS = 20_000
const ESC = '\u001b'

/** What a terminal was sent, and keys for it. */
class OnTerminal {
  readonly ended: Promise<number | null>
  readonly #process
  #shown = ''

  constructor(path: string, environment: Readonly<Record<string, string>>, ...argv: readonly string[]) {
    const command = [process.execPath, mainFile, ...argv].map(word => `'${word}'`).join(' ')
    this.#process = spawn(path, ['-qec', command, '/dev/null'], {
      env: { ...process.env, ...environment, TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#shown += text
    })
    this.ended = new Promise(resolve => this.#process.once('close', resolve))
  }

  press(key: string): void {
    this.#process.stdin.write(key)
  }

  get shown(): string {
    return this.#shown
  }

  async until(what: RegExp): Promise<void> {
    const deadline = performance.now() + WITHIN_MS
    while (!what.test(this.#shown)) {
      assert.ok(
        performance.now() < deadline,
        `${what} is not in ${JSON.stringify(this.#shown.slice(-2_000))}`,
      )
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
}

test('top shows totals and the fullest sessions, sorts by the next column, and leaves the terminal as it was', {
  skip: 'skip' in script && script.skip,
}, async () => {
  assert.ok('path' in script)
  await subscribeAndLeave(broker, 'away-1', 'away/#', 1)
  const publisher = await RawClient.connected(broker, { clientId: 'publisher' })
  for (const payload of ['one', 'two']) await publisher.publish({ topic: 'away/x', payload, qos: 1 })
  const { headers } = await withKey(await holdfast.admin(), { role: 'viewer' })
  const key = (headers['authorization'] ?? '').replace('Bearer ', '')
  const environment = { HOLDFAST_URL: broker.httpUrl, HOLDFAST_API_KEY: key }
  const top = new OnTerminal(script.path, environment, 'top', '--every', '1')
  await top.until(/by -queued/)
  await top.until(/Sessions {2}2: 1 online, 1 offline, 0 stuck, 0 in conflict/)
  await top.until(/Queued {4}2 messages, /)
  await top.until(/away-1 +waiting +2 /)
  top.press('s')
  await top.until(/by -bytes/)
  for (const payload of ['three', 'four']) await publisher.publish({ topic: 'away/x', payload, qos: 1 })
  await top.until(/away-1 +waiting +4 /)
  top.press('q')
  assert.equal(await top.ended, 0)
  assert.ok(top.shown.startsWith(`${ESC}[?1049h${ESC}[?25l`), 'it has a screen of its own')
  assert.ok(top.shown.endsWith(`${ESC}[?25h${ESC}[?1049l`), 'the screen is as it was')
})

test('a key that is not good is told in the usual way', {
  skip: 'skip' in script && script.skip,
}, async () => {
  assert.ok('path' in script)
  const environment = { HOLDFAST_URL: broker.httpUrl, HOLDFAST_API_KEY: 'hf_wrong' }
  const top = new OnTerminal(script.path, environment, 'top')
  assert.equal(await top.ended, 5)
  assert.ok(!top.shown.includes(`${ESC}[?1049h`))
})
