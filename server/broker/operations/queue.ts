// Clear queue and remove messages: what waits is taken out, what is in flight stays, and it can be put back for a while.

import type { By } from '../../events.ts'
import type { Session } from '../../session/session.ts'
import { bothSafe, type Ticket } from '../../store/ticket.ts'
import type { BrokerParts } from '../parts.ts'
import { type Done, done, findSession, type NotActed, type Target } from './target.ts'
import { costOfQueue, type Undo } from './undo-ledger.ts'

export interface TakenOut {
  /** None: nothing of it was waiting. */
  readonly messages: number
  readonly bytes: number
  /** Undefined: for good. */
  readonly undo: Undo | undefined
}

export type QueueCleared = ({ readonly at: 'cleared' } & TakenOut & Done) | NotActed

export function clearQueue(parts: BrokerParts, request: Target): Promise<QueueCleared> {
  return parts.registry.inTurn(request.clientId, async () => {
    const session = findSession(parts, request)
    if ('at' in session) return session
    const { ticket, ...taken } = takeOut(parts, session, undefined, request)
    return { at: 'cleared', ...taken, ...(await done(ticket)) }
  })
}

export interface RemoveMessagesRequest extends Target {
  /** As `browse` names them; what is not waiting any more is passed over. */
  readonly seqs: readonly number[]
}

export type MessagesRemoved = ({ readonly at: 'removed' } & TakenOut & Done) | NotActed

export function removeMessages(parts: BrokerParts, request: RemoveMessagesRequest): Promise<MessagesRemoved> {
  return parts.registry.inTurn(request.clientId, async () => {
    const session = findSession(parts, request)
    if ('at' in session) return session
    const { ticket, ...taken } = takeOut(parts, session, request.seqs, request)
    return { at: 'removed', ...taken, ...(await done(ticket)) }
  })
}

function takeOut(
  parts: BrokerParts,
  session: Session,
  seqs: readonly number[] | undefined,
  { by, tombstone }: Target,
): TakenOut & { readonly ticket: Ticket } {
  const { queue } = session.lease
  const before = { messages: queue.messages, bytes: queue.bytes }
  const until = parts.undo.offer(costOfQueue(queue))
  const { ticket, undo } =
    until === undefined
      ? { ticket: session.store.discard(queue, seqs, 'removed'), undo: undefined }
      : parts.undo.bury(session, { what: 'queue', until, seqs, id: tombstone })
  const messages = before.messages - queue.messages
  const bytes = before.bytes - queue.bytes
  if (messages === 0) {
    if (undo !== undefined) parts.undo.discard(undo.tombstone)
    return { messages, bytes, undo: undefined, ticket }
  }
  const kind = seqs === undefined ? 'queue-cleared' : 'messages-removed'
  const changed = countTaken(parts, session, { kind, messages, bytes, tombstone: undo?.tombstone, by })
  return { messages, bytes, undo, ticket: bothSafe(ticket, changed) }
}

function countTaken(
  parts: BrokerParts,
  session: Session,
  taken: {
    readonly kind: 'queue-cleared' | 'messages-removed'
    readonly messages: number
    readonly bytes: number
    readonly tombstone: string | undefined
    readonly by: By
  },
): Ticket {
  session.version++
  parts.touch(session)
  const { clientId, generation, version } = session
  parts.emit({ at: parts.clock.now(), clientId, generation, ...taken })
  return session.store.change(session.lease, { version })
}
