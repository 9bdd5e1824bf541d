// Composition: store, broker, listeners; what `holdfast start` runs.

import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import {
  type Authenticate,
  type AuthenticationMethods,
  authenticateAnonymously,
} from './access/authenticate.ts'
import { type ControlSocket, openControlSocket } from './admin/control-socket.ts'
import { EventCounts } from './admin/metrics/event-counts.ts'
import { Metrics } from './admin/metrics/metrics.ts'
import { serveMetrics } from './admin/metrics/serve-metrics.ts'
import { serveSite } from './admin/site.ts'
import { serveStartFacts } from './admin/start-facts.ts'
import { Broker } from './broker/broker.ts'
import { type Clock, SystemClock } from './clock.ts'
import type { Settings } from './config/schema.ts'
import { Connection } from './connection/connection.ts'
import type { ConnectionContext } from './connection/context.ts'
import { Turn } from './connection/turn.ts'
import type { BrokerEvent, Emit } from './events.ts'
import type { Log } from './log.ts'
import { fault } from './protocol/fault.ts'
import { TopicTable } from './protocol/topic.ts'
import { readBroker, sessionOf } from './read-model/history/broker-facts.ts'
import { History } from './read-model/history/history.ts'
import { ROWS_IN_MEMORY_MAX } from './read-model/history/limits.ts'
import { SysTopics } from './read-model/sys-topics.ts'
import { queueLimits } from './session/policy.ts'
import { discardBackup, prepareBackup } from './store/embedded/copy.ts'
import { EmbeddedStore } from './store/embedded/embedded-store.ts'
import { giveBackMemory } from './store/embedded/give-back-memory.ts'
import { MemoryStore } from './store/memory/memory-store.ts'
import { openSide, type SideDatabase } from './store/side/side-database.ts'
import type { Store } from './store/store.ts'
import { Admission } from './transport/admission.ts'
import type { Accept } from './transport/byte-stream.ts'
import { listenTcp } from './transport/tcp.ts'
import { serveWebSocket, type WebSocketSettings } from './transport/websocket.ts'
import { readVersion } from './version.ts'

/** Time for a browser's HTTP request, and bound for what it may send: nothing here takes an upload yet. */
const REQUEST_TIMEOUT_MS = 15_000
const REQUEST_BYTES_MAX = 1_048_576
/** A frame of a client that batches packets may be longer than the longest packet. */
const MESSAGE_BYTES_SPARE = 65_536

export interface Listener {
  readonly listener: string
  readonly url: string
  readonly mqttUrl?: string
}

export interface RunningBroker {
  readonly listeners: readonly Listener[]
  readonly broker: Broker
  readonly history: History
  stop(): Promise<void>
}

/** What tests and extensions put in place of the usual. */
export interface StartOptions {
  readonly clock?: Clock
  readonly store?: Store
  readonly authenticate?: Authenticate
  /** Hears of what happens, besides the read model and the log. */
  readonly learn?: Emit
  readonly authenticationMethods?: AuthenticationMethods
}

/** Resolves when everything listens; rejects with the system's error when it cannot. */
export async function startBroker(
  settings: Settings,
  log: Log,
  options: StartOptions = {},
): Promise<RunningBroker> {
  const clock = options.clock ?? new SystemClock()
  const topics = new TopicTable(settings)
  const durable = options.store ?? createStore(settings, log, topics, clock)
  const sys = new SysTopics()
  const counts = new EventCounts()
  const history = createHistory(clock, log, () => broker)
  const emit = (event: BrokerEvent): void => {
    sys.learn(event)
    history.learn(event)
    counts.learn(event)
    logEvent(log, event)
    options.learn?.(event)
  }
  const broker = new Broker({ settings, clock, durable, topics, emit })
  await broker.open()
  giveBackMemory(broker.parts.registry.count + durable.totals().messages)
  const side = await openSideDatabase(settings, log, broker)
  await openHistory(history, side, broker, settings)
  const control = await openControl(durable, side, settings, log)
  const admission = new Admission(settings)
  const connections = new Set<Connection>()
  const context = createContext(settings, log, clock, broker, options)
  const accept = acceptInto(connections, context)
  let health: Health = 'ready'
  const version = readVersion()
  const metrics = new Metrics({ broker, admission, version }, counts)
  const fastify = createHttp(() => readinessOf(health, broker), metrics)
  await serveWebSocket(fastify, webSocketSettings(settings, log), admission, accept)
  const listeners: Listener[] = []
  await serveSite(fastify)
  serveMetrics(fastify, metrics, settings.metrics)
  serveStartFacts(fastify, { settings, version, mqttUrl: () => listeners.find(isTcp)?.url })
  const closeListeners = await listen(settings, fastify, admission, accept, listeners)
  const stopSys = sys.start({ broker, admission, version, intervalMs: settings.sysIntervalMs })
  const stopMetrics = settings.metrics === 'off' ? () => undefined : metrics.start()
  return {
    listeners,
    broker,
    history,
    stop: async () => {
      health = 'stopping'
      stopSys()
      stopMetrics()
      const closing = closeListeners()
      for (const connection of connections)
        connection.end(fault('server-shutting-down', 'the broker is stopping'))
      await Promise.all([closing, control?.close()])
      await history.close()
      await side.close()
      await broker.close()
    },
  }
}

/** After the store, whose lock keeps a second broker out. Sessions go on without it, so its end is not the broker's. */
async function openSideDatabase(settings: Settings, log: Log, broker: Broker): Promise<SideDatabase> {
  const dataDirectory = settings.store === 'memory' ? undefined : settings.dataDir
  const fatal = (reason: string): void => log.error('the admin database has failed', { reason })
  try {
    return await openSide({ dataDirectory, fatal })
  } catch (error) {
    await broker.close()
    throw error
  }
}

/** The broker's first events come before anybody can have it in hand. */
function createHistory(clock: Clock, log: Log, broker: () => Broker): History {
  return new History({
    clock,
    log,
    find: clientId => sessionOf(broker(), clientId),
    look: async seq => broker().parts.durable.look?.(seq),
    read: () => readBroker(broker()),
    conflictChanged: () => undefined,
  })
}

async function openHistory(
  history: History,
  side: SideDatabase,
  broker: Broker,
  settings: Settings,
): Promise<void> {
  const { store, historyRowsMax, historyAgeMs } = settings
  const rowsMax = store === 'memory' ? Math.min(historyRowsMax, ROWS_IN_MEMORY_MAX) : historyRowsMax
  try {
    await history.open(side, { rowsMax, ageMs: historyAgeMs })
  } catch (error) {
    await side.close()
    await broker.close()
    throw error
  }
}

function logEvent(log: Log, event: BrokerEvent): void {
  if (event.kind === 'broker-started' && event.downMs !== undefined) {
    log.info('the store was read back', {
      sessions: event.sessions,
      downSeconds: Math.round(event.downMs / 1000),
    })
  }
  if (event.kind === 'store-warning') {
    if (event.warning === undefined) log.info('the store has room again')
    else log.warn('the store is nearly full', { reason: event.warning })
  }
  // Two clients with one identifier end each other's connections: the operator is to see who they are.
  if (event.kind !== 'taken-over') return
  const { clientId, from, by } = event
  log.info('session taken over', { clientId, from: from.description, by: by.description })
}

function webSocketSettings(settings: Settings, log: Log): WebSocketSettings {
  return {
    path: settings.websocketPath,
    origins: settings.websocketOrigins,
    compression: settings.websocketCompression,
    messageBytesMax: settings.maxPacketSizeBytes + MESSAGE_BYTES_SPARE,
    refused: (address, detail) => log.info('handshake refused', { address, detail }),
  }
}

function createStore(settings: Settings, log: Log, topics: TopicTable, clock: Clock): Store {
  if (settings.store === 'memory') return new MemoryStore({ bytesMax: settings.storeBytesMax })
  return new EmbeddedStore({
    dataDirectory: settings.dataDir,
    durability: settings.durability,
    bytesMax: settings.storeBytesMax,
    limits: queueLimits(settings),
    topics,
    clock,
    damaged: damage => log.error('a damaged record was set aside', { ...damage }),
    refusing: problem => {
      if (problem === undefined) log.info('the store takes messages again')
      else log.error('the store takes no messages', { reason: problem })
    },
    fatal: reason => {
      // Nobody knows what is on the disk after a failed sync: to go on would be to guess.
      log.error('the store has failed', { reason })
      throw new Error(`the store has failed: ${reason}`)
    },
  })
}

/** Only what lies on a disk can be copied from outside. */
async function openControl(
  store: Store,
  side: SideDatabase,
  settings: Settings,
  log: Log,
): Promise<ControlSocket | undefined> {
  if (!(store instanceof EmbeddedStore)) return undefined
  const backup = async (directory: string): Promise<void> => {
    prepareBackup(directory)
    try {
      await store.backup(directory)
      await side.backup(directory)
    } catch (error) {
      discardBackup(directory)
      throw error
    }
    log.info('backed up', { directory })
  }
  return openControlSocket(settings.dataDir, { backup }, log)
}

function acceptInto(connections: Set<Connection>, context: ConnectionContext): Accept {
  return stream => {
    const connection = new Connection(stream, context, () => connections.delete(connection))
    connections.add(connection)
    return connection
  }
}

type Health = 'ready' | 'stopping'

function createContext(
  settings: Settings,
  log: Log,
  clock: Clock,
  broker: Broker,
  options: StartOptions,
): ConnectionContext {
  return {
    broker,
    settings,
    clock,
    turn: new Turn(),
    log,
    authenticate: options.authenticate ?? authenticateAnonymously,
    authenticationMethods: options.authenticationMethods ?? new Map(),
    decodeLimits: {
      topicBytesMax: settings.topicBytesMax,
      topicLevelsMax: settings.topicLevelsMax,
      clientIdBytesMax: settings.clientIdBytesMax,
      userProperties: { pairsMax: settings.userPropertiesMax, bytesMax: settings.userPropertyBytesMax },
    },
  }
}

interface Readiness {
  readonly at: Health
  /** Why the store keeps no messages at the moment. */
  readonly problem: string | undefined
  /** What is nearly full. */
  readonly warning: string | undefined
}

function readinessOf(at: Health, { parts }: Broker): Readiness {
  return { at, problem: parts.durable.problem, warning: parts.storeWarning.text }
}

function createHttp(readiness: () => Readiness, metrics: Metrics): FastifyInstance {
  const fastify = Fastify({
    logger: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    bodyLimit: REQUEST_BYTES_MAX,
    forceCloseConnections: true,
  })
  metrics.http.watch(fastify)
  fastify.get('/health/live', async () => ({ status: 'live' }))
  fastify.get('/health/ready', async (_request, reply) => {
    const { at, problem, warning } = readiness()
    if (at !== 'ready') return reply.code(503).send({ status: at })
    // Still 200: clients that come and take their messages are what makes room in a full store.
    return problem === undefined ? { status: at, warning } : { status: 'degraded', store: problem, warning }
  })
  return fastify
}

/** Adds what it opens to `listeners`, TCP before the page that names it is served; resolves to what closes them. */
async function listen(
  settings: Settings,
  fastify: FastifyInstance,
  admission: Admission,
  accept: Accept,
  listeners: Listener[],
): Promise<() => Promise<void>> {
  const { host, mqttPort, httpPort } = settings
  const tcp =
    mqttPort === undefined ? undefined : await listenTcp({ host, port: mqttPort }, admission, accept)
  if (tcp !== undefined) {
    const { port } = tcp.address() as AddressInfo
    listeners.push({ listener: 'tcp', url: `mqtt://${inUrl(host)}:${port}` })
  }
  if (httpPort !== undefined) {
    await fastify.listen({ host, port: httpPort })
    const { port } = fastify.server.address() as AddressInfo
    const authority = `${inUrl(host)}:${port}`
    const mqttUrl = `ws://${authority}${settings.websocketPath}`
    listeners.push({ listener: 'http', url: `http://${authority}`, mqttUrl })
  }
  const closeTcp = (): Promise<void> =>
    new Promise(resolve => (tcp === undefined ? resolve() : tcp.close(() => resolve())))
  return async () => {
    await Promise.all([closeTcp(), fastify.close()])
  }
}

function isTcp({ listener }: Listener): boolean {
  return listener === 'tcp'
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
