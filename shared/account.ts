// Who may do what: roles, each including the one before, and grants that no role brings by itself.

/** `anyone` is no role that somebody has: it is what a route demands that is open. */
export const roles = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof roles)[number]

/** payload:read shows what messages hold, publish:test sends messages as a client would. */
export const grants = ['payload:read', 'publish:test'] as const
export type Grant = (typeof grants)[number]

/** Whether a role allows what needs another. */
export function includesRole(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed)
}
