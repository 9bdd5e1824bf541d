// Takes back what an operation did to one item.

import { setExpiry } from '../../broker/operations/expiry.ts'
import { releaseHold } from '../../broker/operations/hold.ts'
import { restoreTombstone } from '../../broker/operations/restore.ts'
import { findRetained } from '../../broker/operations/retained.ts'
import type { BrokerParts } from '../../broker/parts.ts'
import type { By } from '../../events.ts'
import type { Member } from '../plans/member.ts'
import { failed, type ItemResult, type KeptExpiry, skipped, type UndoHandle } from './item-result.ts'
import type { RetainedUndo } from './retained-undo.ts'

/** In a member's `particulars`. */
export interface UndoParticulars {
  readonly undo: UndoHandle
  /** Its place in the list of the operation that is undone. */
  readonly of: number
}

export interface UndoGiven {
  readonly parts: BrokerParts
  readonly retainedUndo: RetainedUndo
  readonly by: By
}

/** `mayBeDone`: before a restart. */
export async function undoItem(member: Member, mayBeDone: boolean, given: UndoGiven): Promise<ItemResult> {
  const { undo } = JSON.parse(member.particulars) as UndoParticulars
  switch (undo.by) {
    case 'tombstone':
      return undoTombstone(member, undo.id, mayBeDone, given)
    case 'retained':
      return undoRetained(member, undo.id, mayBeDone, given)
    case 'expiry':
      return undoExpiry(member, undo, mayBeDone, given)
    case 'hold':
      return undoHold(member, mayBeDone, given)
  }
}

async function undoTombstone(
  member: Member,
  id: string,
  mayBeDone: boolean,
  { parts, by }: UndoGiven,
): Promise<ItemResult> {
  const outcome = await restoreTombstone(parts, { id, by })
  switch (outcome.at) {
    case 'restored':
      return { status: 'ok', messages: outcome.messages, bytes: outcome.bytes }
    case 'no-tombstone': {
      const isBack = parts.registry.get(member.key)?.generation === member.generation
      return mayBeDone && isBack ? doneBefore() : failed('undo-over')
    }
    case 'session-exists':
      return mayBeDone && outcome.generation === member.generation ? doneBefore() : skipped('session-exists')
    case 'session-gone':
      return skipped('gone', 'the session that the messages were taken from is no more')
    case 'no-room':
      return failed('no-room', 'the queue has no room for all of them')
    case 'too-many-sessions':
      return failed('too-many-sessions')
  }
}

async function undoRetained(
  member: Member,
  id: string,
  mayBeDone: boolean,
  { parts, retainedUndo }: UndoGiven,
): Promise<ItemResult> {
  const outcome = await retainedUndo.restore(id)
  switch (outcome.at) {
    case 'restored':
      return { status: 'ok', messages: 1, bytes: member.bytes }
    case 'no-copy':
      return mayBeDone ? doneBefore() : failed('undo-over')
    case 'topic-taken': {
      const found = findRetained(parts, member.key, undefined)
      const isOurs = found.at === 'found' && found.message.receivedAt === member.since
      return mayBeDone && isOurs ? doneBefore() : skipped('replaced', 'another message is retained there now')
    }
    case 'expired':
      return skipped('gone', 'the message has expired')
    case 'no-room':
      return failed('no-room', 'the broker holds as many retained messages as it may')
  }
}

/** Only what the operation had set is set back: whoever has changed it since has decided anew. */
async function undoExpiry(
  member: Member,
  { before, set }: Extract<UndoHandle, { by: 'expiry' }>,
  mayBeDone: boolean,
  { parts, by }: UndoGiven,
): Promise<ItemResult> {
  const session = parts.registry.get(member.key)
  if (session === undefined) return skipped('gone')
  const { generation, version, expirySeconds, expiryPinned } = session
  if (generation !== member.generation) return skipped('new-session')
  const now: KeptExpiry = { seconds: kept(expirySeconds), pinned: expiryPinned }
  if (mayBeDone && isSame(now, before)) return doneBefore()
  if (!isSame(now, set)) return skipped('changed-since', 'its expiry was changed again')
  const outcome = await setExpiry(parts, {
    clientId: member.key,
    expected: { generation, version },
    by,
    expiry: { seconds: before.seconds ?? Number.POSITIVE_INFINITY },
    pinned: before.pinned,
  })
  switch (outcome.at) {
    case 'set':
      return { status: 'ok', messages: 0, bytes: 0 }
    case 'expiry-passed':
      return failed('expiry-passed', 'it would have expired already')
    case 'no-session':
      return skipped('gone')
    case 'session-changed':
      return skipped('changed-since')
    case 'session-connected':
    case 'ends-with-connection':
      return failed('ends-with-connection')
  }
}

async function undoHold(member: Member, mayBeDone: boolean, { parts, by }: UndoGiven): Promise<ItemResult> {
  const outcome = await releaseHold(parts, { clientId: member.key, by })
  if (outcome.at === 'released') return { status: 'ok', messages: 0, bytes: 0 }
  return mayBeDone ? doneBefore() : skipped('changed-since', 'it is not held any more')
}

function doneBefore(): ItemResult {
  const detail = 'it was its turn when the broker stopped'
  return { status: 'ok', reason: 'done-before-restart', detail, messages: 0, bytes: 0 }
}

function kept(expirySeconds: number): number | null {
  return expirySeconds === Number.POSITIVE_INFINITY ? null : expirySeconds
}

function isSame(a: KeptExpiry, b: KeptExpiry): boolean {
  return a.seconds === b.seconds && a.pinned === b.pinned
}
