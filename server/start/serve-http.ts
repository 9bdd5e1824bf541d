// Composition of what is served over HTTP: MQTT over WebSocket, the admin API, the pages, metrics and health.

import type { AddressInfo } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { Acting } from '../admin/acting.ts'
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
  /** Resolves to the port that it got. */
  listen(host: string, port: number): Promise<number>
  /** From now on whoever asks for its health is sent elsewhere. */
  stopping(): void
  close(): Promise<void>
}

export async function serveHttp(given: HttpGiven): Promise<HttpSide> {
  const { settings, log, clock, broker, admin, metrics, version, listeners } = given
  const { history, table, live, acting, lab } = given
  let health: Health = 'ready'
  const fastify = createHttp(clock)
  metrics.http.watch(fastify)
  const { durable, storeWarning } = broker.parts
  serveHealth(fastify, () => ({ at: health, problem: durable.problem, warning: storeWarning.text }))
  await serveWebSocket(fastify, webSocketSettings(settings, log), given.admission, given.accept)
  await serveSite(fastify)
  const { access, audit, idempotency } = admin
  const authenticate = (request: FastifyRequest) => access.authenticate(request)
  serveMetrics(fastify, metrics, { access: settings.metrics, authenticate })
  serveStartFacts(fastify, { settings, version, mqttUrl: () => listeners.find(isTcp)?.url })
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
  return {
    listen: async (host, port) => {
      await fastify.listen({ host, port })
      return (fastify.server.address() as AddressInfo).port
    },
    stopping: () => {
      health = 'stopping'
    },
    close: () => fastify.close(),
  }
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
