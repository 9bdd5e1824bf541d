// GET /start.json: what the start page, and a client that wants to connect, must know of this broker.

import type { FastifyInstance } from 'fastify'
import { type StartFacts, startFactsSchema } from '../../shared/start-facts.ts'
import type { Settings } from '../config/schema.ts'

export interface StartFactsSource {
  readonly settings: Settings
  readonly version: string
  /** Asked for each request: with port 0 it is known only once the listener is open. */
  readonly mqttUrl: () => string | undefined
  /** Asked for each request, too. */
  readonly websocketPort: () => StartFacts['websocketPort']
  readonly console: boolean
}

export function serveStartFacts(fastify: FastifyInstance, source: StartFactsSource): void {
  fastify.get('/start.json', { schema: { response: { 200: startFactsSchema } } }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send(startFacts(source)),
  )
}

function startFacts(source: StartFactsSource): StartFacts {
  const { settings, version } = source
  const url = source.mqttUrl()
  return {
    version,
    name: settings.brokerName ?? null,
    environment: settings.brokerEnvironment ?? null,
    host: settings.host,
    mqttPort: url === undefined ? null : Number(new URL(url).port),
    websocketPath: settings.websocketPath,
    websocketPort: source.websocketPort(),
    console: source.console,
    store: settings.store,
    durability: settings.durability,
    sessionExpirySeconds: sessionExpirySeconds(settings),
    queueMessagesMax: settings.queueMessagesMax,
    queueBytesMax: settings.queueBytesMax,
    queueOverflow: settings.queueOverflow,
    queueQos0: settings.queueQos0,
  }
}

/** What 3.x clients with clean session off are granted; the cap holds for them as well. */
export function sessionExpirySeconds(settings: Settings): number | null {
  const { sessionExpiryDefaultSeconds: usual, sessionExpiryMaxSeconds: max } = settings
  const seconds = Math.min(usual ?? Number.POSITIVE_INFINITY, max ?? Number.POSITIVE_INFINITY)
  return Number.isFinite(seconds) ? seconds : null
}
