// What whoever is logged in may do here, and if not, why not: the sentence that stands where a button would.

import { type Grant, includesRole, type Role } from '../../shared/account.ts'
import { account } from './account.svelte.ts'

const readOnlyReason = 'This broker is read-only: it refuses everything that changes something.'

/** Undefined: it is allowed. Reads state, so that it changes with it. */
export function whyNot(needed: Role): string | undefined {
  const { me } = account
  if (me === undefined) return 'Log in first.'
  if (!includesRole(me.role, needed)) return `This needs the role ${needed}; yours is ${me.role}.`
  return me.readOnly ? readOnlyReason : undefined
}

export function may(needed: Role): boolean {
  return whyNot(needed) === undefined
}

/** Whatever the broker refuses at the moment. */
export function isRole(needed: Role): boolean {
  return account.me !== undefined && includesRole(account.me.role, needed)
}

/** No role brings a grant by itself. */
export function isGranted(grant: Grant): boolean {
  return account.me?.grants.includes(grant) === true
}
