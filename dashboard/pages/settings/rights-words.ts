// Roles and grants in words: what each of them lets somebody do.

import type { Grant, Role } from '../../../shared/account.ts'

export const roleChoices: readonly (readonly [role: Role, word: string])[] = [
  ['viewer', 'Viewer'],
  ['operator', 'Operator'],
  ['admin', 'Admin'],
]

export const roleMeans: Readonly<Record<Role, string>> = {
  viewer: 'Sees everything but payloads, and changes nothing.',
  operator: 'As a viewer, and disconnects, holds, cleans and clears; plans of up to 1,000 items.',
  admin: 'As an operator, and users, keys, settings, the audit, protected client ids, plans of any size.',
}

export const grantChoices: readonly (readonly [grant: Grant, means: string])[] = [
  ['payload:read', 'see what messages hold; each read stands in the audit'],
  ['publish:test', 'send messages as a client would, as the Lab does'],
]

export function grantsInWords(grants: readonly Grant[]): string {
  return grants.length === 0 ? 'none' : grants.join(', ')
}

export function roleOf(text: string): Role {
  return roleChoices.find(([role]) => role === text)?.[0] ?? 'viewer'
}
