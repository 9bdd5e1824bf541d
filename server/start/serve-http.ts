// Composition of what is served over HTTP: MQTT over WebSocket, the admin API, the pages, metrics and health.

import type { AddressInfo } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Acting } from '../admin/acting.ts'
import { problem, sendProblem } from '../admin/api/problem.ts'
import { apiRoutes } from '../admin/api/routes.ts'
import { serveApi } from '../admin/api/serve-api.ts'
import { type Health, serveHealth } from '../admin/health.ts'
import { createHttp } from '../admin/http-server.ts'
import type { LabParts } from '../admin/lab/lab.ts'
import type { LiveHub } from '../admin/live/live-hub.ts'
import type { Metrics } from '../admin/metrics/metrics.ts'
import { serveMetrics } from '../admin/metrics/serve-metrics.ts'
import { serveSite } from '../admin/site.ts'
import { serveStartFacts } from '../admin/start-facts.ts'
import type { Broker } from '../broker/broker.ts'
import type { Clock } from '../clock.ts'
import { formatValue, type Settings, settingKeys, settingOf } from '../config/schema.ts'
import type { Log } from '../log.ts'
import type { History } from '../read-model/history/history.ts'
import type { SessionTable } from '../read-model/session-table.ts'
import type { Admission } from '../transport/admission.ts'
import type { Accept } from '../transport/byte-stream.ts'
import { serveWebSocket, type WebSocketSettings } from '../transport/websocket.ts'
import type { AdminParts } from './open-admin.ts'

/** A frame of a client that batches packets may be longer than the longest packet. */
const MESSAGE_BYTES_SPARE = 65_536

export interface Listener {
  readonly listener: string
  readonly url: string
  readonly mqttUrl?: string
}

export interface HttpGiven {
  readonly settings: Settings
  readonly log: Log
  readonly clock: Clock
  readonly broker: Broker
  readonly history: History
  readonly acting: Acting
  readonly lab: LabParts
  readonly admin: AdminParts
  readonly table: SessionTable
  readonly live: LiveHub
  readonly admission: Admission
  readonly accept: Accept
  readonly metrics: Metrics
  readonly version: string
  /** Known once they are open. */
  readonly listeners: readonly Listener[]
}

export interface HttpSide {
  /** Resolves to where it listens; rejects with the system's error when it cannot. */
  open(): Promise<readonly Listener[]>
  /** From now on whoever asks for its health is sent elsewhere. */
  stopping(): void
  close(): Promise<void>
}

/** What one listener serves, beside health, the start page and its facts. */
interface Serves {
  readonly mqtt: boolean
  readonly admin: boolean
}

export async function serveHttp(given: HttpGiven): Promise<HttpSide> {
  const { settings } = given
  const { host, httpPort, adminHost, adminPort } = settings
  let health: Health = 'ready'
  const isApart = adminPort !== undefined
  const both = { mqtt: true, admin: settings.admin === 'on' && !isApart }
  const main = httpPort === undefined ? undefined : await createListener(given, both, () => health)
  const apart = isApart ? await createListener(given, { mqtt: false, admin: true }, () => health) : undefined
  return {
    open: async () => {
      const opened: Listener[] = []
      if (main !== undefined && httpPort !== undefined) {
        const authority = await listenOn(main, host, httpPort)
        const mqttUrl = `ws://${authority}${settings.websocketPath}`
        opened.push({ listener: 'http', url: `http://${authority}`, mqttUrl })
      }
      if (apart !== undefined && adminPort !== undefined)
        opened.push({
          listener: 'admin',
          url: `http://${await listenOn(apart, adminHost, adminPort)}`,
        })
      return opened
    },
    stopping: () => {
      health = 'stopping'
    },
    close: async () => {
      await Promise.all([main?.close(), apart?.close()])
    },
  }
}

/** Where the console is; undefined where it is nowhere. */
export function consoleUrl({ admin }: Settings, listeners: readonly Listener[]): string | undefined {
  if (admin === 'off') return undefined
  const named = (name: string): Listener | undefined => listeners.find(one => one.listener === name)
  return (named('admin') ?? named('http'))?.url
}

export function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

async function createListener(
  given: HttpGiven,
  { mqtt, admin }: Serves,
  health: () => Health,
): Promise<FastifyInstance> {
  const { settings, log, clock, broker, metrics, version, listeners } = given
  const fastify = createHttp(clock, settings.trustedProxies)
  metrics.http.watch(fastify)
  const { durable, storeWarning } = broker.parts
  serveHealth(fastify, () => ({ at: health(), problem: durable.problem, warning: storeWarning.text }))
  if (mqtt) await serveWebSocket(fastify, webSocketSettings(settings, log), given.admission, given.accept)
  await serveSite(fastify, { pages: admin ? 'console' : 'start' })
  serveStartFacts(fastify, {
    settings,
    version,
    mqttUrl: () => listeners.find(isTcp)?.url,
    websocketPort: () => (mqtt ? 'here' : portOf(listeners.find(one => one.listener === 'http'))),
    console: admin,
  })
  // Whoever has switched the admin API off has its keys still, and Prometheus may have one of them.
  if (admin || settings.admin === 'off')
    serveMetrics(fastify, metrics, {
      access: settings.metrics,
      authenticate: request => given.admin.access.authenticate(request),
    })
  if (admin) await serveAdminApi(fastify, given)
  else refuseAdminApi(fastify)
  return fastify
}

async function serveAdminApi(fastify: FastifyInstance, given: HttpGiven): Promise<void> {
  const { settings, log, clock, broker, admin, version, listeners } = given
  const { history, table, live, acting, lab } = given
  const { access, audit, idempotency } = admin
  const authenticate = (request: FastifyRequest) => access.authenticate(request)
  const server = {
    version,
    startedAt: clock.now(),
    listeners: () => listeners,
    configuration: () => configuration(settings),
  }
  const readOnly = (): boolean => settings.adminReadOnly
  const parts = { broker, history, table, live, acting, lab, settings, clock, log, server, readOnly }
  const routes = apiRoutes({ ...parts, ...admin })
  await serveApi(fastify, routes, { log, clock, authenticate, readOnly, audit, idempotency })
}

/** Whoever has the wrong port is told so, and not which one is right. */
function refuseAdminApi(fastify: FastifyInstance): void {
  fastify.all('/api/*', async (request, reply) => {
    const detail = 'The admin API is not on this port: see the settings admin and admin-port.'
    return sendProblem(request, reply, problem('not-found', { detail }))
  })
}

/** Resolves to host and port, as they stand in a URL. */
async function listenOn(fastify: FastifyInstance, host: string, port: number): Promise<string> {
  await fastify.listen({ host, port })
  return `${inUrl(host)}:${(fastify.server.address() as AddressInfo).port}`
}

function portOf(listener: Listener | undefined): number | null {
  return listener === undefined ? null : Number(new URL(listener.url).port)
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

/** What is not as Holdfast comes. */
function configuration(settings: Settings): readonly { readonly name: string; readonly value: string }[] {
  return settingKeys
    .map(key => ({
      name: settingOf(key).name,
      value: formatValue(settings, key),
      usual: settingOf(key).default,
    }))
    .filter(({ value, usual }) => value !== usual)
    .map(({ name, value }) => ({ name, value }))
}

function isTcp({ listener }: Listener): boolean {
  return listener === 'tcp'
}
