// GET /metrics, for Prometheus and what reads its format.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Settings } from '../../config/schema.ts'
import type { Actor } from '../auth/actor.ts'
import type { Metrics } from './metrics.ts'

const needsLogin = `Metrics are for who is logged in or has an API key (the setting metrics is "admin").
Give Prometheus a key of a viewer as bearer token, or set metrics to "open" to show them to everyone who reaches this port.
`
const needsAllClients = `This key is limited to some client ids, and metrics are about all of them.
`

interface MetricsAccess {
  readonly access: Settings['metrics']
  /** Undefined: nobody who is known. Throws as the admin API does. */
  authenticate(request: FastifyRequest): Actor | undefined
}

export function serveMetrics(fastify: FastifyInstance, metrics: Metrics, given: MetricsAccess): void {
  const { access } = given
  if (access === 'off') return
  fastify.get('/metrics', async (request, reply) => {
    const actor = access === 'open' ? undefined : given.authenticate(request)
    const text = (status: number, words: string) =>
      reply.code(status).type('text/plain; charset=utf-8').send(words)
    if (access === 'admin' && actor === undefined) return text(401, needsLogin)
    if (actor?.facts.clientIdPrefix !== undefined) return text(403, needsAllClients)
    return reply
      .header('cache-control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.text())
  })
}
