// Carries a request out once it may be: holds it to its schemas, asks the route, sends what it answers.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { fromPathSegment } from '../../../shared/path-segment.ts'
import type { Actor } from '../auth/actor.ts'
import { Act } from './act.ts'
import { problem } from './problem.ts'
import type { ApiRequest, ApiRoute } from './route.ts'
import { checkOf } from './validate.ts'

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

export function handlerOf(route: ApiRoute, actorOf: (request: FastifyRequest) => Actor | undefined): Handler {
  const check = checkOf(route)
  const usualStatus = Number(Object.keys(route.response)[0])
  return async (http, reply) => {
    const checked = check({ params: plainParams(http.params), query: http.query, body: http.body })
    reply.code(usualStatus)
    const answer = await route.handle(requestOf(http, checked, actorOf(http)), reply)
    return reply.sent || answer === reply ? reply : send(reply, answer)
  }
}

function requestOf(
  http: FastifyRequest,
  checked: Pick<ApiRequest<unknown, unknown, unknown>, 'params' | 'query' | 'body'>,
  actor: Actor | undefined,
): ApiRequest<unknown, unknown, unknown> {
  return {
    ...checked,
    get actor() {
      if (actor === undefined) throw new Error('a route that is open to anyone asked who it is')
      return actor
    },
    requestId: http.id,
    reason: undefined,
    act: new Act(),
    http,
  }
}

function send(reply: FastifyReply, answer: unknown): FastifyReply {
  if (answer === undefined) return reply.send()
  const isOther = reply.getHeader('content-type') !== undefined
  return isOther
    ? reply.send(answer)
    : reply.type('application/json; charset=utf-8').send(JSON.stringify(answer))
}

/** No client id, topic or filter can hold control characters: the broker lets none of them in. */
function plainParams(params: unknown): Record<string, string> {
  const entries = Object.entries(params as Record<string, string>)
  const wrong = entries.find(([, text]) => hasControlCharacter(text))
  if (wrong !== undefined) {
    const detail = 'has a control character'
    throw problem('validation', {
      detail: `/path/${wrong[0]} ${detail}.`,
      errors: [{ pointer: `/path/${wrong[0]}`, detail }],
    })
  }
  return Object.fromEntries(entries.map(([name, text]) => [name, fromPathSegment(text)]))
}

function hasControlCharacter(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return /[\u0000-\u001f\u007f-\u009f]/.test(text)
}
