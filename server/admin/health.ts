// GET /health/live and /health/ready, for whoever starts, watches and restarts the process.

import type { FastifyInstance } from 'fastify'

export type Health = 'ready' | 'stopping'

export interface Readiness {
  readonly at: Health
  /** Why the store keeps no messages at the moment. */
  readonly problem: string | undefined
  /** What is nearly full. */
  readonly warning: string | undefined
}

export function serveHealth(fastify: FastifyInstance, readiness: () => Readiness): void {
  fastify.get('/health/live', async () => ({ status: 'live' }))
  fastify.get('/health/ready', async (_request, reply) => {
    const { at, problem, warning } = readiness()
    if (at !== 'ready') return reply.code(503).send({ status: at })
    // Still 200: clients that come and take their messages are what makes room in a full store.
    return problem === undefined ? { status: at, warning } : { status: 'degraded', store: problem, warning }
  })
}
