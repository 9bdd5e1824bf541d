// Serves the routes of the admin API below /api/v1: who may, problems for everything else, the OpenAPI document.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../log.ts'
import type { Audit } from '../audit/audit.ts'
import type { Actor } from '../auth/actor.ts'
import { BodyTexts } from './body-text.ts'
import { problemOfError } from './fastify-problem.ts'
import { Guard, type GuardGiven } from './guard.ts'
import type { Idempotency } from './idempotency.ts'
import { API_PREFIX } from './openapi.ts'
import { openApiRoute } from './openapi-route.ts'
import { handlerOf } from './perform.ts'
import { pathOf, problem, sendProblem } from './problem.ts'
import { Recording } from './recording.ts'
import { type ApiRoute, fastifyUrl, type Method } from './route.ts'

const methods: readonly Method[] = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE']

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a request to the admin API that has come to a route. */
    apiRoute?: ApiRoute
  }
}

export interface ServeApiGiven extends GuardGiven {
  readonly log: Log
  readonly audit: Audit
  readonly idempotency: Idempotency
}

export async function serveApi(
  fastify: FastifyInstance,
  routes: readonly ApiRoute[],
  given: ServeApiGiven,
): Promise<void> {
  const all: ApiRoute[] = [...routes]
  all.push(openApiRoute(all))
  await fastify.register(async api => serveRoutes(api, all, given), { prefix: API_PREFIX })
}

function serveRoutes(api: FastifyInstance, routes: readonly ApiRoute[], given: ServeApiGiven): void {
  const guard = new Guard(given)
  const actorOf = (request: FastifyRequest): Actor | undefined => guard.actorOf(request)
  const recording = new Recording(given.audit, actorOf)
  const bodyTexts = new BodyTexts()
  bodyTexts.takeJsonOnly(api)
  api.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-request-id': request.id, 'cache-control': 'no-store' })
    const route = request.routeOptions.config.apiRoute
    if (route !== undefined) guard.admit(route, request)
  })
  api.setErrorHandler(async (error, request, reply) => {
    const found = problemOfError(error) ?? fault(error, request, given.log)
    const route = request.routeOptions.config.apiRoute
    if (route !== undefined) await recording.refused(route, request, found)
    return sendProblem(request, reply, found)
  })
  api.setNotFoundHandler(async () => {
    throw problem('not-found')
  })
  const { idempotency } = given
  for (const route of routes) {
    api.route({
      method: route.method,
      url: fastifyUrl(route.url),
      config: { apiRoute: route },
      ...(route.bodyBytesMax === undefined ? {} : { bodyLimit: route.bodyBytesMax }),
      handler: handlerOf(route, { actorOf, recording, idempotency, bodyTexts }),
    })
  }
  refuseOtherMethods(api, routes)
}

function fault(error: unknown, request: FastifyRequest, log: Log) {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  log.error('a request failed', {
    requestId: request.id,
    method: request.method,
    path: pathOf(request),
    reason,
  })
  return problem('internal')
}

function refuseOtherMethods(api: FastifyInstance, routes: readonly ApiRoute[]): void {
  for (const url of new Set(routes.map(route => route.url))) {
    const taken = methods.filter(method => routes.some(route => route.url === url && route.method === method))
    const allow = [...taken, ...(taken.includes('GET') ? ['HEAD'] : [])].join(', ')
    const refuse = async (_request: FastifyRequest, _reply: FastifyReply): Promise<never> => {
      throw problem('method-not-allowed', { headers: { allow } })
    }
    const others = [...methods.filter(method => !taken.includes(method)), 'OPTIONS' as const]
    api.route({ method: others, url: fastifyUrl(url), handler: refuse })
  }
}
