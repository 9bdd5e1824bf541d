// What became of one item of an operation, and how it can be taken back.

import type { ItemReason, ItemStatus } from '../../../shared/operation.ts'
import type { Millis } from '../../clock.ts'

/** How to take back what was done to an item. */
export type UndoHandle =
  | { readonly by: 'tombstone'; readonly id: string; readonly until: Millis }
  | { readonly by: 'retained'; readonly id: string; readonly until: Millis }
  | {
      readonly by: 'expiry'
      /** What it was before, and what it was set to. */
      readonly before: KeptExpiry
      readonly set: KeptExpiry
    }
  | { readonly by: 'hold'; readonly until: Millis }

export interface KeptExpiry {
  /** Null: never expires. */
  readonly seconds: number | null
  readonly pinned: boolean
}

export interface ItemResult {
  readonly status: ItemStatus
  readonly reason?: ItemReason | undefined
  /** A sentence, where there is more to say. */
  readonly detail?: string | undefined
  /** What was taken away, or put back. */
  readonly messages: number
  readonly bytes: number
  readonly undo?: UndoHandle | undefined
}

/** With its place in the list, and when it was done. */
export interface NumberedResult extends ItemResult {
  readonly number: number
  readonly at: Millis
}

export function skipped(reason: ItemReason, detail?: string): ItemResult {
  return { status: 'skipped', reason, detail, messages: 0, bytes: 0 }
}

export function failed(reason: ItemReason, detail?: string): ItemResult {
  return { status: 'failed', reason, detail, messages: 0, bytes: 0 }
}

/** Undefined: it does not end by itself. */
export function undoEnds(undo: UndoHandle): Millis | undefined {
  return undo.by === 'expiry' ? undefined : undo.until
}
