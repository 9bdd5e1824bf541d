// Runs a broker with a believable fleet: what it is like to operate one, and what the pictures show.
//
//   npm run demo -- [--sessions N] [SETTINGS]    N more sessions that are away; settings as for `holdfast start`

import { spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { PORTABLE_FORMAT, type PortableLine } from '../server/store/embedded/portable.ts'
import { type Addresses, play } from './demo/cast.ts'
import { pastLines } from './demo/past.ts'

const SESSIONS_MAX = 1_000_000
const main = fileURLToPath(new URL('../server/main.ts', import.meta.url))

const { sessions, settings } = readArguments(process.argv.slice(2))
const directory = mkdtempSync(join(tmpdir(), 'holdfast-demo-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))

await importPast()
const broker = spawn(process.execPath, [main, 'start', '--data-dir', directory, ...defaults(), ...settings], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const goHome = await play(await addressesOf(broker.stdout))
await setupLink()
console.log('The fleet is there. Ctrl-C ends it.')

let isEnding = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end())
broker.on('exit', code => process.exit(code ?? 1))

async function end(): Promise<void> {
  if (isEnding) return
  isEnding = true
  await goHome()
  broker.kill('SIGTERM')
}

function readArguments(argv: readonly string[]): { sessions: number; settings: readonly string[] } {
  const at = argv.indexOf('--sessions')
  if (at < 0) return { sessions: 0, settings: argv }
  const { values } = parseArgs({ args: argv.slice(at, at + 2), options: { sessions: { type: 'string' } } })
  const sessions = Number(values.sessions)
  if (!Number.isInteger(sessions) || sessions < 0 || sessions > SESSIONS_MAX) {
    console.error(`--sessions must be a whole number from 0 to ${SESSIONS_MAX}`)
    process.exit(2)
  }
  return { sessions, settings: argv.toSpliced(at, 2) }
}

/** Pages of these origins belong to the fleet; the rest is as anybody would start it. */
function defaults(): readonly string[] {
  return ['--websocket-origins', 'localhost,same,https://shop.example,https://admin.shop.example']
}

/** Days cannot be played in minutes, so what has been away for long is imported. */
async function importPast(): Promise<void> {
  const file = join(directory, 'past.jsonl')
  await pipeline(Readable.from(lines()), createWriteStream(file))
  const importing = spawn(process.execPath, [main, 'store', 'import', file, '--data-dir', directory], {
    stdio: 'inherit',
  })
  const code = await new Promise<number | null>(resolve => importing.once('exit', resolve))
  if (code !== 0) process.exit(1)
}

function* lines(): Generator<string> {
  const line = (value: PortableLine): string => `${JSON.stringify(value)}\n`
  const exportedAt = new Date().toISOString()
  const counts = { session: 0, message: 0 }
  yield line({ kind: 'header', format: PORTABLE_FORMAT, exportedAt, brokerVersion: 'demo' })
  for (const one of pastLines(Date.now(), sessions)) {
    if (one.kind === 'session' || one.kind === 'message') counts[one.kind]++
    yield line(one)
  }
  yield line({ kind: 'end', sessions: counts.session, messages: counts.message, retained: 0 })
}

/** Prints where its first admin is made. */
async function setupLink(): Promise<void> {
  const asking = spawn(process.execPath, [main, 'setup-link', '--data-dir', directory], { stdio: 'inherit' })
  await new Promise(resolve => asking.once('exit', resolve))
}

/** Shows what the broker says, and finds in it where it listens. */
function addressesOf(output: Readable): Promise<Addresses> {
  return new Promise(resolve => {
    let tcp: string | undefined
    let websocket: string | undefined
    createInterface({ input: output }).on('line', line => {
      console.log(line)
      tcp ??= /mqtt:\/\/[^\s"]+/.exec(line)?.[0]
      websocket ??= /wss?:\/\/[^\s",]+/.exec(line)?.[0]
      if (tcp !== undefined && websocket !== undefined) resolve({ tcp, websocket })
    })
  })
}
