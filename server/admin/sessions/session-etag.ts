// Which session somebody means who acts on one: the ETag of what they have seen, held against what is there.

import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Expected } from '../../broker/operations/target.ts'
import { invalid } from '../api/invalid.ts'
import { problem } from '../api/problem.ts'

/** Enough of a hash to tell two answers about one version apart. */
const CONTENT_CHARACTERS = 11

/**
 * Of an answer that also tells what does not count in the version, as how many messages wait: an act takes it as
 * well, and looks at generation and version alone.
 */
export function contentTag(
  { generation, version }: { readonly generation: string; readonly version: number },
  content: unknown,
): string {
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('base64url')
  return `"${generation}.${version}.${hash.slice(0, CONTENT_CHARACTERS)}"`
}

const tagForm = /^"([0-9A-HJKMNP-TV-Z]{26})\.(\d{1,15})(?:\.[\w-]+)?"$/

/** For acts that take something away: without If-Match they are refused. Undefined for `*`, whatever there is. */
export function requiredMatch({ headers }: FastifyRequest): Expected | undefined {
  const ifMatch = headers['if-match']
  if (ifMatch === undefined)
    throw problem('precondition-required', {
      detail:
        'Send the ETag of the session in If-Match, as GET of the session has it, or "<generation>.<version>" of a row.',
    })
  return readMatch(ifMatch)
}

/** For acts that a change of the session would not make wrong: checked where it is sent. */
export function optionalMatch({ headers }: FastifyRequest): Expected | undefined {
  const ifMatch = headers['if-match']
  return ifMatch === undefined ? undefined : readMatch(ifMatch)
}

/** The operation itself compares, in the turn of the client id: to do it here would leave a gap. */
function readMatch(ifMatch: string): Expected | undefined {
  if (ifMatch.trim() === '*') return undefined
  const [, generation, version] = tagForm.exec(ifMatch.trim()) ?? []
  if (generation === undefined)
    throw invalid('/headers/if-match', 'must be one ETag of a session, "<generation>.<version>", or *')
  return { generation, version: Number(version) }
}
