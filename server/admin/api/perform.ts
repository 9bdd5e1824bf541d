// Carries a request out once it may be: holds it to its schemas, asks the route, records it, sends what it answers.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { fromPathSegment } from '../../../shared/path-segment.ts'
import type { Actor } from '../auth/actor.ts'
import type { Act } from './act.ts'
import type { BodyTexts } from './body-text.ts'
import { type Claim, type Idempotency, idempotencyKeyOf } from './idempotency.ts'
import { ApiProblem, problem } from './problem.ts'
import { reasonOf } from './reason.ts'
import type { Recording } from './recording.ts'
import type { ApiRequest, ApiRoute } from './route.ts'
import { type Checked, checkOf } from './validate.ts'

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

export interface PerformGiven {
  readonly actorOf: (request: FastifyRequest) => Actor | undefined
  readonly recording: Recording
  readonly idempotency: Idempotency
  readonly bodyTexts: BodyTexts
}

export function handlerOf(route: ApiRoute, given: PerformGiven): Handler {
  const check = checkOf(route)
  const usualStatus = Number(Object.keys(route.response)[0])
  return async (http, reply) => {
    const act = await given.recording.begin(route, http)
    const checked = check({ params: plainParams(http.params), query: http.query, body: http.body })
    const request = requestOf(http, checked, given.actorOf(http), act)
    const claim = await claimOf(route, http, given)
    if (claim?.saved !== undefined) return replay(reply, claim.saved)
    reply.code(usualStatus)
    const answer = await carryOut(route, request, reply, claim)
    await given.recording.done(route, http, reply.statusCode)
    if (reply.sent || answer === reply) return reply
    // Whoever asks has it already.
    if (reply.statusCode === 304) return reply.send()
    const text = textOf(reply, answer)
    await claim?.finish({ ...savedHead(reply), body: route.secret === true ? undefined : text })
    return text === undefined ? reply.send(answer) : reply.send(text)
  }
}

async function carryOut(
  route: ApiRoute,
  request: ApiRequest<unknown, unknown, unknown>,
  reply: FastifyReply,
  claim: Claim | undefined,
): Promise<unknown> {
  try {
    return await route.handle(request, reply)
  } catch (error) {
    // A route refuses before it does anything; after a fault of our own nobody knows what was done.
    await (error instanceof ApiProblem ? claim?.forget() : claim?.abandon())
    throw error
  }
}

function claimOf(route: ApiRoute, http: FastifyRequest, given: PerformGiven): Promise<Claim> | undefined {
  const actor = given.actorOf(http)
  const key = route.method === 'POST' ? idempotencyKeyOf(http) : undefined
  if (actor === undefined || key === undefined) return undefined
  // From a fast hash of a body that holds a password, the password could be guessed.
  const bodyText = route.secret === true ? '' : given.bodyTexts.of(http)
  return given.idempotency.claim(actor.key, key, http, bodyText)
}

function requestOf(
  http: FastifyRequest,
  checked: Checked,
  actor: Actor | undefined,
  act: Act,
): ApiRequest<unknown, unknown, unknown> {
  return {
    ...checked,
    get actor() {
      if (actor === undefined) throw new Error('a route that is open to anyone asked who it is')
      return actor
    },
    requestId: http.id,
    reason: reasonOf(http),
    act,
    http,
  }
}

/** Undefined for what is no JSON, such as a stream. */
function textOf(reply: FastifyReply, answer: unknown): string | undefined {
  if (answer === undefined) return ''
  if (reply.getHeader('content-type') !== undefined) return typeof answer === 'string' ? answer : undefined
  reply.type('application/json; charset=utf-8')
  return JSON.stringify(answer)
}

const savedHeaders = ['content-type', 'location', 'etag'] as const

function savedHead(reply: FastifyReply) {
  const headers = savedHeaders.flatMap(name => {
    const value = reply.getHeader(name)
    return value === undefined ? [] : [[name, `${value}`] as const]
  })
  return { status: reply.statusCode, headers: Object.fromEntries(headers) }
}

function replay(reply: FastifyReply, { status, headers, body }: NonNullable<Claim['saved']>): FastifyReply {
  if (body === undefined)
    throw problem('conflict', {
      detail: 'This was carried out before, and its answer was not kept: it held a secret, or was too long.',
    })
  return reply.code(status).headers(headers).header('idempotency-replayed', 'true').send(body)
}

/** No client id, topic or filter can hold control characters: the broker lets none of them in. */
function plainParams(params: unknown): Record<string, string> {
  const entries = Object.entries(params as Record<string, string>)
  const wrong = entries.find(([, text]) => /\p{Cc}/u.test(text))
  if (wrong !== undefined) {
    const [pointer, detail] = [`/path/${wrong[0]}`, 'has a control character']
    throw problem('validation', { detail: `${pointer} ${detail}.`, errors: [{ pointer, detail }] })
  }
  return Object.fromEntries(entries.map(([name, text]) => [name, fromPathSegment(text)]))
}
