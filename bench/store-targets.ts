// Holds the durable store to its targets: memory and time to start with a million messages, or 100,000 sessions.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { SystemClock } from '../server/clock.ts'
import { Message } from '../server/protocol/message.ts'
import { TopicTable } from '../server/protocol/topic.ts'
import { EmbeddedStore } from '../server/store/embedded/embedded-store.ts'
import { NO_LISTENER } from '../server/store/no-listener.ts'
import type { Receiver, StoredSubscription } from '../server/store/store.ts'
import { Client } from './generator/client.ts'
import { inParallel, waitSeconds, waitUntil } from './generator/wait.ts'
import { describeMachine } from './machine.ts'
import { readListeners } from './peers/listening-lines.ts'
import { readProcessUsage } from './process-usage.ts'
import { removeTemporaryFolders, temporaryFolder } from './temporary-folder.ts'

const day = 86_400
const payloadBytes = 200
const idleSeconds = 5
const clientsAtOnce = 50
const drainStallSeconds = 30
/** Turns in which nothing waits for the disk let the batches that were staged be written. */
const messagesPerTurn = 2_000
const limits = { messagesMax: 1_000, bytesMax: 16 * 2 ** 20, overflow: 'drop-oldest' } as const

interface Filling {
  readonly sessions: number
  readonly subscriptions: number
  readonly messages: number
}

interface Started {
  readonly readySeconds: number
  readonly residentBytes: number
}

/** Through the engine's own classes, which takes seconds where clients would take minutes. */
async function fill(dataDirectory: string, filling: Filling): Promise<void> {
  const clock = new SystemClock()
  const topics = new TopicTable({ topicBytesMax: 65_535, topicLevelsMax: 128 })
  const fatal = (why: string): void => {
    throw new Error(why)
  }
  const settings = {
    dataDirectory,
    durability: 'os',
    bytesMax: 2 ** 40,
    limits,
    topics,
    clock,
    fatal,
  } as const
  const store = new EmbeddedStore(settings)
  await store.open(NO_LISTENER)
  const receivers: Receiver[] = []
  for (let index = 0; index < filling.sessions; index++) {
    const clientId = clientIdOf(index)
    const now = clock.now()
    const common = {
      owner: '',
      existing: 'resume',
      limits,
      version: 1,
      connection: undefined,
      expirySeconds: 7 * day,
      expirySource: 'policy',
      expiryPinned: false,
      will: undefined,
    } as const
    const { lease, ticket } = await store.attach({ clientId, now, ...common })
    const subscribe = Array.from({ length: filling.subscriptions }, (_, number) =>
      subscription(index, number),
    )
    store.change(lease, { subscribe })
    store.detach(lease, { disconnectedAt: now, expiresAt: now + 7 * day * 1000 })
    receivers.push({ queue: lease.queue, qos: 1, ...nothingSpecial })
    if (index % messagesPerTurn === 0) await ticket.outcome()
  }
  for (let count = 0; count < filling.messages; count++) {
    const index = count % filling.sessions
    const ticket = store.append(message(topics, index, clock.now()), [receivers[index]!], 1)
    if (count % messagesPerTurn === 0) await ticket.outcome()
  }
  await store.close()
}

const nothingSpecial = {
  retainAsPublished: false,
  subscriptionIdentifiers: undefined,
  sharedFilter: undefined,
}

function clientIdOf(index: number): string {
  return `bench-session-${index}`
}

function subscription(index: number, number: number): StoredSubscription {
  const options = {
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
    subscriptionIdentifier: 0,
  } as const
  return { topicFilter: `bench/session/${index}/${number}`, qos: 1, ...options }
}

function message(topics: TopicTable, index: number, now: number): Message {
  const topic = topics.of(`bench/session/${index}/0`)
  if ('fault' in topic) throw new Error(topic.detail)
  const expiresAt = Number.POSITIVE_INFINITY
  const bytes = Buffer.alloc(payloadBytes, index % 256)
  const payload = { bytes, payloadStart: 0, payloadEnd: payloadBytes }
  return new Message({
    topic,
    qos: 1,
    retain: false,
    ...payload,
    properties: undefined,
    expiresAt,
    publisher: 'bench',
    receivedAt: now,
  })
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
  await fill(directory, filling)
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
