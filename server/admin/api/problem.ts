// Problems as routes throw them, and as they are sent: application/problem+json, and nothing about our insides.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Problem, type ProblemType, problemTypes, problemUri } from '../../../shared/problem.ts'

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

export interface ProblemGiven {
  /** A sentence for people, with what they can do; no secret, and nothing of a payload. */
  readonly detail?: string
  readonly errors?: Problem['errors']
  readonly headers?: Readonly<Record<string, string>>
  /** Further members of the body, beside those that every problem has. */
  readonly [member: string]: unknown
}

/** What ends a request before its route has an answer. */
export class ApiProblem extends Error {
  readonly type: ProblemType
  readonly given: ProblemGiven

  constructor(type: ProblemType, given: ProblemGiven) {
    super(given.detail ?? problemTypes[type][1])
    this.type = type
    this.given = given
  }
}

/** To be thrown. */
export function problem(type: ProblemType, given: ProblemGiven = {}): ApiProblem {
  return new ApiProblem(type, given)
}

export function statusOf(type: ProblemType): number {
  return problemTypes[type][0]
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, found: ApiProblem): FastifyReply {
  const { headers = {}, detail, errors, ...members } = found.given
  const [status, title] = problemTypes[found.type]
  const body = {
    ...members,
    type: problemUri(found.type),
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
    instance: pathOf(request),
    requestId: request.id,
    ...(errors === undefined ? {} : { errors }),
  }
  // As bytes, for Fastify adds a charset to text, and this type has none.
  const bytes = Buffer.from(JSON.stringify(body))
  return reply.code(status).headers(headers).header('content-type', PROBLEM_MEDIA_TYPE).send(bytes)
}

/** Without the query, which may be long. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!
}
