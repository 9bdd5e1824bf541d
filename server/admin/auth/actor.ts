// Who asks: a person who is logged in, or a program with an API key; and what they may do.

import { type Grant, includesRole, type Role } from '../../../shared/account.ts'

export interface ActorFacts {
  readonly kind: 'user' | 'key'
  readonly id: string
  /** As the audit and others see it. */
  readonly name: string
  readonly role: Role
  readonly grants: readonly Grant[]
  /** Undefined: all client ids. */
  readonly clientIdPrefix: string | undefined
  /** Of the login, for a user. */
  readonly sessionId: string | undefined
}

export class Actor {
  readonly facts: ActorFacts

  constructor(facts: ActorFacts) {
    this.facts = facts
  }

  /** The same for each request of this user or key, and different from all others. */
  get key(): string {
    return `${this.facts.kind}:${this.facts.id}`
  }

  is(role: Role): boolean {
    return includesRole(this.facts.role, role)
  }

  has(grant: Grant): boolean {
    return this.facts.grants.includes(grant)
  }

  /** Lists leave out, and acts refuse, the sessions whose client id it may not touch. */
  mayTouch(clientId: string): boolean {
    const { clientIdPrefix } = this.facts
    return clientIdPrefix === undefined || clientId.startsWith(clientIdPrefix)
  }
}
