// The digest of a plan: who executes it names by it exactly this list, this action and these options.

import { createHash } from 'node:crypto'
import type { PlanAction, PlanOptions } from '../../../shared/plan.ts'

/** What is digested before the list. */
export interface DigestHead {
  readonly action: PlanAction
  /** In its one form; undefined when items were named one by one. */
  readonly filter: string | undefined
  readonly options: PlanOptions
  readonly override: readonly string[]
}

export class Digest {
  readonly #hash = createHash('sha256')

  constructor(head: DigestHead) {
    this.#hash.update(canonical({ ...head, filter: head.filter ?? null }))
  }

  /** Lines in the order of the list, each without its end. */
  add(lines: readonly string[]): void {
    for (const line of lines) this.#hash.update('\n').update(line)
  }

  finish(): string {
    return `sha256:${this.#hash.digest('hex')}`
  }
}

/** JSON whose keys are sorted at every depth; what is undefined is left out. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner === null || typeof inner !== 'object' || Array.isArray(inner)
      ? inner
      : Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))),
  )
}
