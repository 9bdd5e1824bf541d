// Who acts on a session, and whether they may act on this one.

import { quote } from '../../../shared/printable.ts'
import type { By } from '../../events.ts'
import type { ApiContext } from '../api/context.ts'
import { problem } from '../api/problem.ts'
import type { ApiRequest } from '../api/route.ts'

/** For the broker's operations. Throws `forbidden` for a protected client id, which only an admin may act on. */
export function actingOn(
  { settings }: ApiContext,
  { params, actor, reason }: ApiRequest<{ readonly clientId: string }, unknown, unknown>,
): By {
  const { clientId } = params
  const isProtected = settings.protectedClientIds.some(prefix => clientId.startsWith(prefix))
  if (isProtected && !actor.is('admin')) {
    const detail = `${quote(clientId)} is protected by the setting protected-client-ids: only an admin may act on it.`
    throw problem('forbidden', { detail })
  }
  return { actor: actor.facts.name, reason }
}
