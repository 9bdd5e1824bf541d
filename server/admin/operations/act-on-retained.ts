// Deletes one retained message, if it is still the one that was meant, with a copy to put it back from.

import { deleteRetained, findRetained } from '../../broker/operations/retained.ts'
import type { BrokerParts } from '../../broker/parts.ts'
import type { Message } from '../../protocol/message.ts'
import type { Member } from '../plans/member.ts'
import { type ItemResult, skipped } from './item-result.ts'
import type { RetainedUndo } from './retained-undo.ts'

export interface RetainedActGiven {
  readonly parts: BrokerParts
  readonly retainedUndo: RetainedUndo
}

/** `mayBeDone`: before a restart. */
export async function actOnRetained(
  member: Member,
  copy: string,
  mayBeDone: boolean,
  given: RetainedActGiven,
): Promise<ItemResult> {
  const { parts, retainedUndo } = given
  const { key, since, bytes, particulars } = member
  const found = findRetained(parts, key, { receivedAt: since, size: bytes, publisher: particulars })
  if (found.at === 'message-changed') return skipped('replaced')
  if (found.at === 'no-message') return mayBeDone ? doneBefore(member, copy, retainedUndo) : skipped('gone')
  return takeRetained(found.message, copy, given)
}

/** `copy` is what the copy is called. Skips what is no longer there. */
export async function takeRetained(
  message: Message,
  copy: string,
  { parts, retainedUndo }: RetainedActGiven,
): Promise<ItemResult> {
  const until = await retainedUndo.keep(copy, message)
  const deleted = await deleteRetained(parts, message)
  if (deleted.at === 'message-changed') {
    await retainedUndo.drop(copy)
    return skipped('replaced')
  }
  const undo = until === undefined ? undefined : ({ by: 'retained', id: copy, until } as const)
  const { unsafe } = deleted
  return {
    status: 'ok',
    messages: 1,
    bytes: message.size,
    undo,
    ...(unsafe === undefined ? {} : { reason: 'not-on-disk', detail: unsafe }),
  }
}

async function doneBefore(member: Member, id: string, retainedUndo: RetainedUndo): Promise<ItemResult> {
  const copy = await retainedUndo.find(id)
  const undo = copy === undefined ? undefined : ({ by: 'retained', id, until: copy.purgeAt } as const)
  return {
    status: 'ok',
    reason: 'done-before-restart',
    detail: 'it was its turn when the broker stopped',
    messages: 1,
    bytes: member.bytes,
    undo,
  }
}
