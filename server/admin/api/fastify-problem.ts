// What Fastify and Node say of a request, as problems; a fault of our own becomes one that tells nothing.

import { SideProblem } from '../../store/side/side-database.ts'
import { ApiProblem, problem } from './problem.ts'

/** Fastify's own code of what a client did. */
const problemOfCode: Readonly<Record<string, ApiProblem>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: problem('too-large'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: problem('unsupported-media-type'),
  FST_ERR_CTP_EMPTY_JSON_BODY: invalidBody('The body is empty, although its content type is JSON.'),
  FST_ERR_CTP_INVALID_JSON_BODY: invalidBody('The body is not JSON.'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: invalidBody('The body is not as long as Content-Length says.'),
  FST_ERR_BAD_URL: problem('validation', {
    detail: 'The path is not well-formed: percent-encode what stands in it.',
  }),
  FST_ERR_MAX_PARAM_LENGTH: problem('uri-too-long'),
}

/** Undefined: a fault of our own. */
export function problemOfError(error: unknown): ApiProblem | undefined {
  if (error instanceof ApiProblem) return error
  if (error instanceof SideProblem && error.failure !== 'constraint')
    return problem('broker-unavailable', {
      detail: `The admin database takes nothing at the moment: ${error.message}.`,
    })
  if (!(error instanceof Error)) return undefined
  const { code, statusCode } = error as Error & { code?: string; statusCode?: number }
  const known = code === undefined ? undefined : problemOfCode[code]
  if (known !== undefined) return known
  // What the JSON parser finds has a status and no code.
  return statusCode === 400 ? invalidBody('The body is not JSON.') : undefined
}

function invalidBody(detail: string): ApiProblem {
  return problem('validation', { detail, errors: [{ pointer: '/body', detail }] })
}
