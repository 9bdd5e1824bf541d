// What the console costs: how fast the admin API answers with 100,000 sessions while they change, and what messages notice of it.

import { type ChildProcess, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Asked, Asking } from './admin/askers.ts'
import { openLiveReaders } from './admin/readers.ts'
import { connectionsMax, cores, killChildren, startChild, stopChild } from './children.ts'
import { fillStore, topicOf } from './filled-store.ts'
import { Client } from './generator/client.ts'
import { encodePublish } from './generator/codec.ts'
import type { Measurement } from './generator/measurement.ts'
import { startPace } from './generator/pace.ts'
import type { Target } from './generator/target.ts'
import { waitSeconds } from './generator/wait.ts'
import { pacedLoad } from './loads/paced-pairs.ts'
import { describeMachine } from './machine.ts'
import { readListeners } from './peers/listening-lines.ts'
import { readProcessUsage } from './process-usage.ts'
import { removeTemporaryFolders, temporaryFolder } from './temporary-folder.ts'

const sessions = 100_000
const changesPerSecond = 1_000
const pace = { pairCount: 20, messagesPerSecond: 20_000 } as const
const warmUpSeconds = 5
const seconds = 15
const askers = 4
const pauseSeconds = 0.2
const frozenSeconds = 20
const frozenReaders = 4
const mainFile = join(import.meta.dirname, '../server/main.ts')

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** The cookie of the first admin. */
async function logIn(dataDirectory: string, httpUrl: string): Promise<string> {
  const line = [mainFile, 'setup-link', '--data-dir', dataDirectory]
  const link = /https?:\/\/\S+#token=(\S+)/.exec(execFileSync(process.execPath, line, { encoding: 'utf8' }))
  if (link === null) throw new Error('there is no set-up link')
  const response = await fetch(`${httpUrl}/api/v1/auth/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ token: link[1], name: 'bench', password: 'bench bench bench bench' }),
  })
  if (!response.ok) throw new Error(`the set-up was refused: ${await response.text()}`)
  return (response.headers.getSetCookie()[0] ?? '').split(';', 1)[0] ?? ''
}

/** One message a turn for the next session, so that as many sessions change as messages are sent. */
async function changeSessions(target: Target): Promise<{ stop(): Promise<void> }> {
  const publisher = await Client.connect({
    target,
    transport: 'tcp',
    clientId: 'bench-changes',
    cleanSession: true,
  })
  const payload = Buffer.alloc(200)
  const going = startPace(changesPerSecond, index => {
    publisher.send(encodePublish(topicOf(index % sessions, 0), 1, (index % 60_000) + 1, payload))
    return true
  })
  return {
    stop: async () => {
      going.stop()
      await publisher.disconnect()
    },
  }
}

function measureMessages(target: Target): Promise<Measurement> {
  const load = pacedLoad(pace)
  return load.run({ target, seconds, warmUpSeconds, connectionsMax: connectionsMax(), cores })
}

function ask(asking: Asking): Promise<readonly Asked[]> {
  const worker = new Worker(new URL('./admin/askers.ts', import.meta.url), { workerData: asking })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

function sayMessages(name: string, { latency, brokerBusy, ratePerSecond, notes }: Measurement): void {
  const { p50, p99, p999 } = latency ?? { p50: 0, p99: 0, p999: 0 }
  const words = `${Math.round(ratePerSecond)} messages/s, p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(2)}, p99.9 ${p999.toFixed(2)} ms`
  say(`${name}: ${words}, broker ${Math.round(brokerBusy * 100)} % of a core`)
  for (const note of notes) say(`  ${note}`)
}

const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)

interface Started {
  readonly child: ChildProcess
  readonly target: Target
  readonly httpUrl: string
  readonly cookie: string
}

/** A broker with all the sessions, whose first admin is logged in. */
async function startFilled(): Promise<Started> {
  const dataDirectory = temporaryFolder()
  await fillStore(dataDirectory, { sessions, subscriptions: 2, messages: 0 })
  const listeners = ['--mqtt-port', '0', '--http-port', '0', '--connections-per-address-max', '10000']
  const line = [process.execPath, mainFile, 'start', ...listeners, '--data-dir', dataDirectory]
  const child = startChild(line, undefined, { stdio: ['ignore', 'pipe', 'inherit'] })
  const { tcpPort, webSocketPort, webSocketPath } = await readListeners(child)
  const target = { host: '127.0.0.1', tcpPort, webSocketPort, webSocketPath, processId: child.pid as number }
  const httpUrl = `http://127.0.0.1:${webSocketPort}`
  return { child, target, httpUrl, cookie: await logIn(dataDirectory, httpUrl) }
}

/** What messages through the one broker take while the other one is asked, or the same. */
async function measureWhileAsked(name: string, { target }: Started, asked: Started): Promise<void> {
  const { httpUrl, cookie } = asked
  const port = asked.target.webSocketPort
  const readers = await openLiveReaders('127.0.0.1', port, cookie, { reading: 2, frozen: 0 })
  const asking = { base: `${httpUrl}/api/v1`, cookie, warmUpSeconds, seconds, askers, pauseSeconds }
  const [messages, answers] = await Promise.all([measureMessages(target), ask(asking)])
  sayMessages(name, messages)
  for (const { name, count, p50, p99, failures } of answers)
    say(
      `  ${name.padEnd(20)} ${String(count).padStart(5)} answers, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${failures} failed`,
    )
  say(`  each live reader got ${megabytes(readers.bytes / 2)} MiB`)
  readers.end()
}

async function measure(): Promise<void> {
  const broker = await startFilled()
  const { child, target, cookie } = broker
  const changes = await changeSessions(target)

  sayMessages('nobody looks', await measureMessages(target))
  await measureWhileAsked(`${askers} askers and 2 live readers`, broker, broker)
  sayMessages('nobody looks again', await measureMessages(target))

  // The askers and what they ask take their part of the machine, too: so much of it is no work of the broker.
  const other = await startFilled()
  const otherChanges = await changeSessions(other.target)
  await measureWhileAsked('another broker on this machine is asked', broker, other)
  await otherChanges.stop()
  await stopChild(other.child)

  const resident = (): number => readProcessUsage(target.processId).residentBytes
  const first = resident()
  await waitSeconds(frozenSeconds)
  const second = resident()
  const frozen = await openLiveReaders('127.0.0.1', target.webSocketPort, cookie, {
    reading: 0,
    frozen: frozenReaders,
  })
  await waitSeconds(frozenSeconds)
  const third = resident()
  frozen.end()
  const grown = `${megabytes(second - first)} MiB without them, ${megabytes(third - second)} MiB with ${frozenReaders}`
  say(`readers that read nothing: memory grows in ${frozenSeconds} s by ${grown}`)
  await changes.stop()
  await stopChild(child)
}

const { date, processor, coreCount, system, node, loadAverage } = describeMachine()
say(`${date}, ${processor}, ${coreCount} cores, ${system}, Node ${node}, load ${loadAverage.toFixed(1)}`)
say(`${sessions} sessions, ${changesPerSecond} of them change each second; ${pacedLoad(pace).question}`)
try {
  await measure()
} finally {
  killChildren()
  removeTemporaryFolders()
}
