// Composition: store, broker, listeners; what `holdfast start` runs.

import type { AddressInfo } from 'node:net'
import {
  type Authenticate,
  type AuthenticationMethods,
  authenticateAnonymously,
} from './access/authenticate.ts'
import { type Acting, openActing } from './admin/acting.ts'
import { type ControlSocket, openControlSocket } from './admin/control-socket.ts'
import { type LabParts, openLab } from './admin/lab/lab.ts'
import { LiveHub } from './admin/live/live-hub.ts'
import { type OverviewGiven, OverviewSource } from './admin/live/overview-source.ts'
import { EventCounts } from './admin/metrics/event-counts.ts'
import { Metrics } from './admin/metrics/metrics.ts'
import { Broker } from './broker/broker.ts'
import { after, type Clock, type Millis, SystemClock } from './clock.ts'
import { LiveSettings } from './config/live-settings.ts'
import type { Sources } from './config/load.ts'
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
import { openTable } from './read-model/open-table.ts'
import type { SessionTable } from './read-model/session-table.ts'
import { SysTopics } from './read-model/sys-topics.ts'
import { queueLimits } from './session/policy.ts'
import { openAdmin, setupLinkOf } from './start/open-admin.ts'
import { consoleUrl, type HttpSide, inUrl, type Listener, serveHttp } from './start/serve-http.ts'
import { takeUpSettings } from './start/take-up-settings.ts'
import { discardBackup, prepareBackup } from './store/embedded/copy.ts'
import { EmbeddedStore } from './store/embedded/embedded-store.ts'
import { giveBackMemory } from './store/embedded/give-back-memory.ts'
import { MemoryStore } from './store/memory/memory-store.ts'
import { openSide, type SideDatabase } from './store/side/side-database.ts'
import type { Store } from './store/store.ts'
import { Admission } from './transport/admission.ts'
import type { Accept } from './transport/byte-stream.ts'
import { listenTcp } from './transport/tcp.ts'
import { readVersion } from './version.ts'

export interface RunningBroker {
  readonly listeners: readonly Listener[]
  readonly broker: Broker
  readonly history: History
  /** Where the first admin is made, once; undefined when there is one, or no page to do it on. A secret. */
  readonly setupLink: string | undefined
  readonly table: SessionTable
  stop(): Promise<void>
}

/** The command line gives up before; this is for who runs a broker in a process that goes on. */
const STOP_SPARE_MS = 5_000

/** What tests and extensions put in place of the usual. */
export interface StartOptions {
  readonly clock?: Clock
  readonly store?: Store
  readonly authenticate?: Authenticate
  /** Where each setting was given, for those who ask. */
  readonly sources?: Sources
  /** Hears of what happens, besides the read model and the log. */
  readonly learn?: Emit
  readonly authenticationMethods?: AuthenticationMethods
}

/** Resolves when everything listens; rejects with the system's error when it cannot. */
export async function startBroker(
  configured: Settings,
  log: Log,
  options: StartOptions = {},
): Promise<RunningBroker> {
  const liveSettings = new LiveSettings(configured, options.sources)
  const settings = liveSettings.current
  const clock = options.clock ?? new SystemClock()
  const topics = new TopicTable(settings)
  const durable = options.store ?? createStore(settings, log, topics, clock)
  const sys = new SysTopics()
  const counts = new EventCounts()
  let table: SessionTable | undefined
  let live: LiveHub | undefined
  const history = createHistory(clock, log, { broker: () => broker, table: () => table, live: () => live })
  const learners = [sys, history, counts, { learn: (event: BrokerEvent) => logEvent(log, event) }]
  if (options.learn !== undefined) learners.push({ learn: options.learn })
  const emit = (event: BrokerEvent): void => {
    for (const learner of learners) learner.learn(event)
  }
  const broker = new Broker({ settings, clock, durable, topics, emit })
  await broker.open()
  giveBackMemory(broker.parts.registry.count + durable.totals().messages)
  const side = await openSideDatabase(settings, log, broker)
  await openHistory(history, side, broker, settings)
  const admin = await openAdmin({ side, liveSettings, clock, log })
  table = openTable({ broker, history, emit })
  const { acting, lab } = await openActs(broker, side, table, settings, log)
  const admission = new Admission(settings)
  live = openLive({ broker, table, history, admission }, acting)
  learners.push(table)
  const stops = [table.start(), live.start(), lab.close, takeUpSettings(liveSettings, broker, table)]
  const connections = new Set<Connection>()
  const context = createContext(settings, log, clock, broker, options)
  const accept = acceptInto(connections, context)
  const version = readVersion()
  const metrics = new Metrics({ broker, admission, version }, counts)
  const listeners: Listener[] = []
  const served = { settings, log, clock, broker, version, listeners, history, table, live, acting, lab }
  const http = await serveHttp({ ...served, admin, admission, accept, metrics })
  const closeListeners = await listen(settings, http, admission, accept, listeners)
  const setupLink = (): string | undefined => setupLinkOf(admin.access, consoleUrl(settings, listeners))
  const control = await openControl(durable, side, setupLink, settings, log)
  stops.push(sys.start({ broker, admission, version, intervalMs: settings.sysIntervalMs }))
  if (settings.metrics !== 'off') stops.push(metrics.start())
  return {
    listeners,
    broker,
    history,
    table,
    setupLink: admin.access.users.count > 0 ? undefined : setupLink(),
    stop: () => {
      http.stopping()
      for (const stop of stops) stop()
      const doors = { close: () => endAll(connections, closeListeners, control) }
      const closing = closeInOrder(acting, doors, history, admin, side, broker)
      return inTime(closing, settings.shutdownTimeoutMs + STOP_SPARE_MS)
    },
  }
}

async function openActs(
  { parts }: Broker,
  side: SideDatabase,
  table: SessionTable,
  settings: Settings,
  log: Log,
): Promise<{ readonly acting: Acting; readonly lab: LabParts }> {
  const acting = await openActing({
    parts,
    side,
    table,
    log,
    isReadOnly: () => settings.adminReadOnly,
    protectedPrefixes: () => settings.protectedClientIds,
  })
  return { acting, lab: await openLab({ parts, side, log }) }
}

/** What fails to close keeps nothing of the rest open; rejects with the first error. */
async function closeInOrder(...all: readonly { close(): Promise<void> }[]): Promise<void> {
  const errors: unknown[] = []
  for (const one of all) await one.close().catch((error: unknown) => errors.push(error))
  if (errors.length > 0) throw errors[0]
}

/** Rejects when it takes longer: what hangs for ever must not keep whoever waits for it. */
async function inTime(closing: Promise<void>, timeoutMs: Millis): Promise<void> {
  let cancel = (): void => undefined
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`the broker has not stopped within ${timeoutMs} ms`)
    cancel = after(timeoutMs, () => reject(error))
  })
  await Promise.race([closing, late]).finally(() => cancel())
}

/** Listeners take no more connections, and wait for those they have. */
async function endAll(
  connections: Iterable<Connection>,
  closeListeners: () => Promise<void>,
  control: ControlSocket | undefined,
): Promise<void> {
  const closing = Promise.all([closeListeners(), control?.close()])
  for (const connection of connections)
    connection.end(fault('server-shutting-down', 'the broker is stopping'))
  await closing
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

function openLive(given: OverviewGiven, { operations }: Acting): LiveHub {
  const overview = new OverviewSource(given)
  const { clock } = given.broker.parts
  const live = new LiveHub({ clock, table: given.table, overview })
  operations.onProgress(data => live.tell({ topic: 'operations', name: 'operation', data }))
  return live
}

/** The broker's first events come before anybody can have it in hand. */
function createHistory(
  clock: Clock,
  log: Log,
  {
    broker,
    table,
    live,
  }: { broker(): Broker; table(): SessionTable | undefined; live(): LiveHub | undefined },
): History {
  return new History({
    clock,
    log,
    find: clientId => sessionOf(broker(), clientId),
    look: async seq => broker().parts.durable.look?.(seq),
    read: () => readBroker(broker(), table()),
    happened: happening => live()?.happened(happening),
    conflictChanged: (clientId, isActive) => {
      table()?.setConflict(clientId, isActive)
      live()?.tell({ topic: 'conflicts', name: 'conflict', data: { clientId, active: isActive } })
    },
  })
}

async function openHistory(
  history: History,
  side: SideDatabase,
  broker: Broker,
  settings: Settings,
): Promise<void> {
  const { store, historyRowsMax } = settings
  const rowsMax = store === 'memory' ? Math.min(historyRowsMax, ROWS_IN_MEMORY_MAX) : historyRowsMax
  try {
    // What may be changed is asked for each time.
    const limits = {
      rowsMax,
      get ageMs() {
        return settings.historyAgeMs
      },
    }
    await history.open(side, limits)
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
  setupLink: () => string | undefined,
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
  return openControlSocket(settings.dataDir, { backup, setupLink }, log)
}

function acceptInto(connections: Set<Connection>, context: ConnectionContext): Accept {
  return stream => {
    const connection = new Connection(stream, context, () => connections.delete(connection))
    connections.add(connection)
    return connection
  }
}

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

/** Adds what it opens to `listeners`, TCP before the page that names it is served; resolves to what closes them. */
async function listen(
  settings: Settings,
  http: HttpSide,
  admission: Admission,
  accept: Accept,
  listeners: Listener[],
): Promise<() => Promise<void>> {
  const { host, mqttPort } = settings
  const tcp =
    mqttPort === undefined ? undefined : await listenTcp({ host, port: mqttPort }, admission, accept)
  if (tcp !== undefined) {
    const { port } = tcp.address() as AddressInfo
    listeners.push({ listener: 'tcp', url: `mqtt://${inUrl(host)}:${port}` })
  }
  listeners.push(...(await http.open()))
  const closeTcp = (): Promise<void> =>
    new Promise(resolve => (tcp === undefined ? resolve() : tcp.close(() => resolve())))
  return async () => {
    await Promise.all([closeTcp(), http.close()])
  }
}
