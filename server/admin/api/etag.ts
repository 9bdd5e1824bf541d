// ETags: what somebody saw is what they change, or nothing is changed.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ProblemType } from '../../../shared/problem.ts'
import { problem } from './problem.ts'

/** Of a session: changes with each creation, and with each change of its state; not with its messages. */
export function sessionTag({
  generation,
  version,
}: {
  readonly generation: string
  readonly version: number
}): string {
  return `"${generation}.${version}"`
}

/**
 * Throws 428 without If-Match, and 412 when it names another state. `*` is whatever is there now, for those who say
 * that they do not care.
 */
export function requireMatch(
  request: FastifyRequest,
  tag: string,
  changed: Extract<ProblemType, 'session-changed' | 'precondition-failed'> = 'precondition-failed',
): void {
  const wanted = request.headers['if-match']
  if (wanted === undefined) throw problem('precondition-required', { headers: { etag: tag } })
  // A weak tag never matches here (RFC 9110, 13.1.1).
  if (wanted.trim() === '*' || tagsOf(wanted).includes(tag)) return
  throw problem(changed, { expected: wanted, actual: tag, headers: { etag: tag } })
}

/** Sets the tag; true when whoever asks has this state already, and the answer is an empty 304. */
export function isNotModified(request: FastifyRequest, reply: FastifyReply, tag: string): boolean {
  reply.header('etag', tag)
  const known = request.headers['if-none-match']
  if (known === undefined) return false
  const isSame = known.trim() === '*' || tagsOf(known).some(one => one.replace(/^W\//, '') === tag)
  if (isSame) reply.code(304)
  return isSame
}

function tagsOf(header: string): readonly string[] {
  return header.match(/(?:W\/)?"[^"]*"/g) ?? []
}
