// What a request does, gathered while it is carried out, for the audit: never a payload, never a secret.

export type ActFacts = Readonly<Record<string, string | number | boolean | null>>

export class Act {
  /** What it was done to: a client id, a topic, a plan's digest. */
  target: string | undefined
  #facts: ActFacts = {}

  /** Adds to what is told beside the verb and the target: counts before and after, what was asked for. */
  tell(facts: ActFacts): void {
    this.#facts = { ...this.#facts, ...facts }
  }

  get facts(): ActFacts {
    return this.#facts
  }
}
