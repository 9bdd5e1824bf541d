// What each action of a plan is: what its items are, what it takes away and how that could be taken back.

import type { PlanAction } from '../../../shared/plan.ts'
import type { KeyKind } from './member.ts'

export interface ActFacts {
  readonly kind: KeyKind
  /** tombstone: out of the store, within the budget; back: what was before is put back; never: nothing to undo. */
  readonly undo: 'tombstone' | 'back' | 'never'
  /**
   * It takes something away, or ends a connection: a client that has been there in the meantime was not meant.
   * Others concern the session or its identifier whoever is connected.
   */
  readonly isAgainstConnection: boolean
}

export const actFacts: Readonly<Record<PlanAction, ActFacts>> = {
  disconnect: { kind: 'client', undo: 'never', isAgainstConnection: true },
  clean: { kind: 'client', undo: 'tombstone', isAgainstConnection: true },
  expire: { kind: 'client', undo: 'tombstone', isAgainstConnection: true },
  'clear-queue': { kind: 'client', undo: 'tombstone', isAgainstConnection: true },
  'messages.remove': { kind: 'client', undo: 'tombstone', isAgainstConnection: true },
  'set-expiry': { kind: 'client', undo: 'back', isAgainstConnection: false },
  hold: { kind: 'client', undo: 'back', isAgainstConnection: false },
  'retained.delete': { kind: 'topic', undo: 'tombstone', isAgainstConnection: false },
}

/** In a member's `particulars`: a session that is kept nowhere, so that there is nothing to bring it back from. */
export const PASSING = 'ends-with-connection'
