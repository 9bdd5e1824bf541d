// Why somebody does something, in their own words: the header X-Reason, or `reason` in the body.

import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { problem } from './problem.ts'

export const REASON_CHARACTERS_MAX = 500

/** For the bodies of routes that take one. */
export const reasonSchema = Type.String({
  maxLength: REASON_CHARACTERS_MAX,
  description: 'Why, for the audit.',
})

/** Headers hold Latin letters only, so everything else is percent-encoded there. */
export function reasonOf(request: FastifyRequest): string | undefined {
  const header = request.headers['x-reason']
  const reason = header === undefined ? inBody(request.body) : decoded(`${header}`)
  if (reason === undefined || reason.trim() === '') return undefined
  if (reason.length > REASON_CHARACTERS_MAX) throw wrong(`has more than ${REASON_CHARACTERS_MAX} characters`)
  if (/\p{Cc}/u.test(reason.replaceAll('\n', ' '))) throw wrong('has a control character')
  return reason.trim()
}

function inBody(body: unknown): string | undefined {
  const reason = (body as { readonly reason?: unknown } | undefined)?.reason
  return typeof reason === 'string' ? reason : undefined
}

function decoded(header: string): string {
  try {
    return decodeURIComponent(header)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    throw wrong('is not percent-encoded')
  }
}

function wrong(detail: string) {
  return problem('validation', {
    detail: `/headers/x-reason ${detail}.`,
    errors: [{ pointer: '/headers/x-reason', detail }],
  })
}
