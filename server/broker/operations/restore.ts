// Restore: what an operator took away comes back, or is given up before its time.

import { assert } from '../../assert.ts'
import type { Millis } from '../../clock.ts'
import type { By } from '../../events.ts'
import type { Session } from '../../session/session.ts'
import type { Recovered, Restored, Tombstone } from '../../store/store.ts'
import { persistDeadlines, scheduleSession } from '../departure.ts'
import type { BrokerParts } from '../parts.ts'
import { takeUp } from '../recover.ts'
import { type Done, done } from './target.ts'

/** A session that comes back after its deadline is not to vanish before somebody has looked at it. */
const RESTORED_EXPIRY_MIN_MS = 15 * 60_000

export interface TombstoneRequest {
  /** Of the tombstone. */
  readonly id: string
  readonly by: By
}

export type TombstoneRestored =
  | {
      readonly at: 'restored'
      readonly what: 'session' | 'queue'
      readonly clientId: string
      readonly generation: string
      readonly messages: number
      readonly bytes: number
    }
  /** There is none, its time has come, or somebody else has restored it. */
  | { readonly at: 'no-tombstone' }
  /** A session with that client id is there now; it stays. */
  | { readonly at: 'session-exists'; readonly generation: string; readonly version: number }
  /** The session that the messages were taken from is not there. */
  | { readonly at: 'session-gone' }
  /** The queue's limits leave no room for all of them. */
  | { readonly at: 'no-room' }
  | { readonly at: 'too-many-sessions' }

/** Works while the client id is held, so that a session can be put back in order before its client comes. */
export async function restoreTombstone(
  parts: BrokerParts,
  request: TombstoneRequest,
): Promise<TombstoneRestored> {
  const found = parts.undo.find(request.id)
  if (found === undefined) return { at: 'no-tombstone' }
  const { clientId, what } = found.tombstone
  return parts.registry.inTurn(clientId, () =>
    what === 'session' ? restoreSession(parts, request) : restoreQueue(parts, request),
  )
}

async function restoreSession(parts: BrokerParts, { id, by }: TombstoneRequest): Promise<TombstoneRestored> {
  const found = parts.undo.find(id)
  if (found === undefined) return { at: 'no-tombstone' }
  const existing = parts.registry.get(found.tombstone.clientId)
  if (existing !== undefined) return exists(existing)
  const { registry, settings } = parts
  if (registry.count + registry.expected >= settings.sessionsMax) return { at: 'too-many-sessions' }
  // Others come while the store works, and must not take the last place a second time.
  registry.expected++
  const restored = await restoreFromStore(parts, id)
  registry.expected--
  if (restored.at !== 'restored') return restored
  assert(restored.recovered !== undefined, 'a session comes back with what it is')
  const session = comeBack(parts, restored.recovered)
  return announce(parts, session, restored.tombstone, by)
}

async function restoreQueue(parts: BrokerParts, { id, by }: TombstoneRequest): Promise<TombstoneRestored> {
  const restored = await restoreFromStore(parts, id)
  if (restored.at !== 'restored') return restored
  const { clientId, generation } = restored.tombstone
  const session = parts.registry.get(clientId)
  // A timer may have ended it while the store worked; its messages have gone with it then.
  if (session?.generation !== generation) return { at: 'session-gone' }
  session.version++
  session.store.change(session.lease, { version: session.version })
  return announce(parts, session, restored.tombstone, by)
}

async function restoreFromStore(
  parts: BrokerParts,
  id: string,
): Promise<
  | Extract<Restored, { at: 'restored' }>
  | Extract<TombstoneRestored, { at: 'no-tombstone' | 'session-gone' | 'no-room' }>
> {
  const claim = parts.undo.claim(id)
  if (claim === undefined) return { at: 'no-tombstone' }
  const restored = await claim.store.restore(id, parts.clock.now())
  if (restored.at === 'restored') return restored
  // The store was full and has purged it.
  if (restored.at === 'unknown') return { at: 'no-tombstone' }
  claim.giveBack()
  assert(restored.at !== 'session-exists', 'the broker knows the sessions of its store')
  return { at: restored.at }
}

function exists({ generation, version }: Session): TombstoneRestored {
  return { at: 'session-exists', generation, version }
}

/** Offline, with the deadline it had, or some time from now if that is past or too near; without a will. */
function comeBack(parts: BrokerParts, recovered: Recovered): Session {
  const session = takeUp(parts, recovered)
  const soonest: Millis = parts.clock.now() + RESTORED_EXPIRY_MIN_MS
  if (session.expiresAt !== undefined) session.expiresAt = Math.max(session.expiresAt, soonest)
  session.version++
  persistDeadlines(session)
  scheduleSession(parts, session)
  return session
}

function announce(
  parts: BrokerParts,
  session: Session,
  tombstone: Tombstone,
  by: By,
): Extract<TombstoneRestored, { at: 'restored' }> {
  parts.touch(session)
  const { clientId, generation } = session
  const { what, messages, bytes } = tombstone
  const common = { clientId, generation, what, messages, bytes, by }
  parts.emit({ kind: 'restored', at: parts.clock.now(), tombstone: tombstone.id, ...common })
  return { at: 'restored', what, clientId, generation, messages, bytes }
}

export type Purged =
  | ({ readonly at: 'purged'; readonly tombstone: Tombstone } & Done)
  | { readonly at: 'no-tombstone' }

/** Gives it up for good, before its time. */
export async function purgeTombstone(parts: BrokerParts, { id, by }: TombstoneRequest): Promise<Purged> {
  const found = parts.undo.find(id)
  if (found === undefined) return { at: 'no-tombstone' }
  return parts.registry.inTurn(found.tombstone.clientId, async () => {
    const still = parts.undo.find(id)
    if (still === undefined) return { at: 'no-tombstone' }
    const { tombstone } = still
    return { at: 'purged', tombstone, ...(await done(parts.undo.purge(id, by))) }
  })
}
