// Why nothing was done to a session, as problems: it is not there, it is not the one that was seen, it is not as it must be.

import { spanInWords } from '../../../shared/plain-words.ts'
import { quote } from '../../../shared/printable.ts'
import type { Expected, NotActed } from '../../broker/operations/target.ts'
import type { ApiContext } from '../api/context.ts'
import { sessionTag } from '../api/etag.ts'
import { type ApiProblem, problem } from '../api/problem.ts'
import type { Actor } from '../auth/actor.ts'
import { findLastSession, lastSessionInWords } from './last-session.ts'
import { findNearest } from './nearest-sessions.ts'

/** With what happened to the last session of that client id, and with those that have a similar one. */
export async function noSession(context: ApiContext, actor: Actor, clientId: string): Promise<ApiProblem> {
  const [last, nearest] = await Promise.all([
    findLastSession(context, clientId),
    findNearest(context, actor, clientId),
  ])
  return problem('not-found', {
    detail: lastSessionInWords(clientId, last, context.clock.now()),
    last: last ?? null,
    nearest,
  })
}

export async function notActed(
  context: ApiContext,
  actor: Actor,
  clientId: string,
  outcome: NotActed,
  expected: Expected | undefined,
): Promise<ApiProblem> {
  if (outcome.at === 'no-session') return noSession(context, actor, clientId)
  const { generation, version } = outcome
  return problem('session-changed', {
    detail: changeInWords(context, clientId, outcome, expected),
    current: { generation, version },
    headers: { etag: sessionTag(outcome) },
  })
}

function changeInWords(
  { broker, clock }: ApiContext,
  clientId: string,
  { generation, version }: { readonly generation: string; readonly version: number },
  expected: Expected | undefined,
): string {
  const name = quote(clientId)
  if (expected?.generation === generation)
    return `${name} has changed: it is at version ${version}, and ${expected.version} was named. Nothing was done.`
  const session = broker.parts.registry.get(clientId)
  const since = session === undefined ? '' : `, ${spanInWords(clock.now() - session.createdAt)} old`
  return `${name} has a new session now${since}, which stays. Nothing was done.`
}
