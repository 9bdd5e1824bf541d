// The HTTP server: what it bounds, and how it answers what no route can.

import Fastify, { type FastifyInstance } from 'fastify'
import type { Clock } from '../clock.ts'
import { ulid } from '../random.ts'
import { problemOfError } from './api/fastify-problem.ts'
import { problem, sendProblem } from './api/problem.ts'
import { securityHeaders } from './security-headers.ts'
import { trustOf } from './trusted-proxies.ts'

/** Time for a browser's HTTP request, and bound for what it may send: nothing here takes an upload yet. */
const REQUEST_TIMEOUT_MS = 15_000
const REQUEST_BYTES_MAX = 1_048_576
/** A topic of 4,096 bytes, each percent-encoded, and the tilde that may stand before it; no route is a regular expression. */
const PARAMETER_CHARACTERS_MAX = 12_289

/** `trustedProxies`: addresses and networks whose X-Forwarded-... headers say where a request came from. */
export function createHttp(clock: Clock, trustedProxies: readonly string[] = []): FastifyInstance {
  const fastify = Fastify({
    logger: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    bodyLimit: REQUEST_BYTES_MAX,
    forceCloseConnections: true,
    trustProxy: trustOf(trustedProxies),
    routerOptions: { maxParamLength: PARAMETER_CHARACTERS_MAX },
    genReqId: () => ulid(clock.now()),
    frameworkErrors: (error, request, reply) => {
      // No hook runs before these.
      reply.headers({ ...securityHeaders, 'x-request-id': request.id, 'cache-control': 'no-store' })
      sendProblem(request, reply, problemOfError(error) ?? problem('internal'))
    },
  })
  // Asked for once, the address is still known when the client has gone before its act is recorded. Who has none has gone already.
  fastify.server.on('connection', socket => {
    if (socket.remoteAddress === undefined) socket.destroy()
  })
  fastify.addHook('onRequest', async (_request, reply) => {
    reply.headers(securityHeaders)
  })
  return fastify
}
