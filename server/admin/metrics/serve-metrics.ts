// GET /metrics, for Prometheus and what reads its format.

import type { FastifyInstance } from 'fastify'
import type { Settings } from '../../config/schema.ts'
import type { Metrics } from './metrics.ts'

const needsLogin = `Metrics are for who is logged in (the setting metrics is "admin"), and this broker knows no users yet.
Set metrics to "open" to show them to everyone who reaches this port.
`

export function serveMetrics(fastify: FastifyInstance, metrics: Metrics, access: Settings['metrics']): void {
  if (access === 'off') return
  fastify.get('/metrics', async (_request, reply) => {
    if (access === 'admin') return reply.code(401).type('text/plain; charset=utf-8').send(needsLogin)
    return reply
      .header('cache-control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.text())
  })
}
