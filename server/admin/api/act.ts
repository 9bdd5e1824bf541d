// What a request does, gathered while it is carried out, for the audit: never a payload, never a secret.

import type { AuditEntry } from '../../../shared/audit.ts'

export type ActFacts = Readonly<Record<string, string | number | boolean | null>>

export class Act {
  /** What it was done to: a client id, a topic, a plan; the first parameter of the path unless it is said. */
  target: string | undefined
  /** Who it turned out to be, where nobody was known before. */
  by: AuditEntry['actor'] | undefined
  #facts: ActFacts = {}

  /** Adds to what is told beside the verb and the target: counts before and after, what was asked for. */
  tell(facts: ActFacts): void {
    this.#facts = { ...this.#facts, ...facts }
  }

  get facts(): ActFacts {
    return this.#facts
  }
}
