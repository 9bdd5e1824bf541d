// Holds the durable store to its targets: memory and time to start with a million messages, or 100,000 sessions.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { clientIdOf, type Filling, fillStore } from './filled-store.ts'
import { Client } from './generator/client.ts'
import { inParallel, waitSeconds, waitUntil } from './generator/wait.ts'
import { describeMachine } from './machine.ts'
import { readListeners } from './peers/listening-lines.ts'
import { readProcessUsage } from './process-usage.ts'
import { removeTemporaryFolders, temporaryFolder } from './temporary-folder.ts'

const idleSeconds = 5
const clientsAtOnce = 50
const drainStallSeconds = 30

interface Started {
  readonly readySeconds: number
  readonly residentBytes: number
}

/** Starts the broker on what is there, reads its memory when it has come to rest, and lets `act` do more. */
async function start(
  dataDirectory: string,
  act?: (port: number, processId: number) => Promise<void>,
  settings: readonly string[] = [],
): Promise<Started> {
  const main = join(import.meta.dirname, '../server/main.ts')
  const listeners = ['--mqtt-port', '0', '--http-port', '0']
  const line = [main, 'start', ...listeners, '--data-dir', dataDirectory, ...settings]
  const startedAt = performance.now()
  const child = spawn(process.execPath, line, { stdio: ['ignore', 'pipe', 'inherit'] })
  const { tcpPort } = await readListeners(child)
  const readySeconds = (performance.now() - startedAt) / 1000
  await waitSeconds(idleSeconds)
  const { residentBytes } = readProcessUsage(child.pid!)
  await act?.(tcpPort, child.pid!)
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
  return { readySeconds, residentBytes }
}

async function drain(tcpPort: number, processId: number, { sessions, messages }: Filling): Promise<void> {
  const target = { host: '127.0.0.1', tcpPort, webSocketPort: 0, webSocketPath: '', processId }
  let drained = 0
  const startedAt = performance.now()
  await inParallel(sessions, clientsAtOnce, async index => {
    const clientId = clientIdOf(index)
    let own = 0
    const onPublish = (): void => {
      own++
      drained++
    }
    const client = await Client.connect({
      target,
      transport: 'tcp',
      clientId,
      cleanSession: false,
      onPublish,
    })
    await waitUntil(
      () => own >= messages / sessions,
      () => drained,
      drainStallSeconds,
    )
    await client.disconnect()
  })
  const seconds = (performance.now() - startedAt) / 1000
  say(`drained ${drained} of ${messages} in ${seconds.toFixed(1)} s: ${Math.round(drained / seconds)}/s`)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function measure(name: string, filling: Filling, empty: Started): Promise<void> {
  const directory = temporaryFolder()
  await fillStore(directory, filling)
  const megabytes = statSync(join(directory, 'holdfast.db')).size / 2 ** 20
  say(`${name}: ${filling.sessions} sessions, ${filling.messages} messages, file ${megabytes.toFixed(0)} MiB`)
  const further = filling.messages > 0 ? drainAfter(filling) : undefined
  const { readySeconds, residentBytes } = await start(directory, further)
  const above = residentBytes - empty.residentBytes
  const each = filling.messages > 0 ? above / filling.messages : above / filling.sessions
  say(
    `  ready in ${readySeconds.toFixed(1)} s, ${(above / 2 ** 20).toFixed(0)} MiB above an empty broker: ${each.toFixed(0)} B each`,
  )
  const credited = await start(directory, undefined, ['--downtime', 'credit'])
  say(
    `  again with --downtime credit, which moves every deadline: ready in ${credited.readySeconds.toFixed(1)} s`,
  )
}

function drainAfter(filling: Filling): (port: number, processId: number) => Promise<void> {
  return (port, processId) => drain(port, processId, filling)
}

const { date, processor, coreCount, system, node, loadAverage } = describeMachine()
say(`${date}, ${processor}, ${coreCount} cores, ${system}, Node ${node}, load ${loadAverage.toFixed(1)}`)
try {
  const empty = await start(temporaryFolder())
  say(`empty: ready in ${empty.readySeconds.toFixed(1)} s, ${(empty.residentBytes / 2 ** 20).toFixed(0)} MiB`)
  await measure('queued messages', { sessions: 10_000, subscriptions: 1, messages: 1_000_000 }, empty)
  await measure('offline sessions', { sessions: 100_000, subscriptions: 2, messages: 0 }, empty)
} finally {
  removeTemporaryFolders()
}
