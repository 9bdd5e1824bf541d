// Users, logins and keys as the admin API shows them.

import Type, { type Static, type TSchema } from 'typebox'
import { grants, roles } from './account.ts'
import { NAME_CHARACTERS_MAX, PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN } from './account-limits.ts'

const closed = { additionalProperties: false } as const
const time = Type.String({ format: 'date-time' })

function orNull<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()])
}

export const roleSchema = Type.Enum(roles)
export const grantsSchema = Type.Array(Type.Enum(grants), { uniqueItems: true, maxItems: grants.length })
export const nameSchema = Type.String({
  minLength: 1,
  maxLength: NAME_CHARACTERS_MAX,
  // Printable and without spaces at its ends, so that two names that look alike are alike.
  pattern: '^[^\\s\\p{C}](?:[^\\p{C}]*[^\\s\\p{C}])?$',
})
export const passwordSchema = Type.String({
  minLength: PASSWORD_CHARACTERS_MIN,
  maxLength: PASSWORD_CHARACTERS_MAX,
})

export const userSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    role: roleSchema,
    grants: grantsSchema,
    createdAt: time,
    /** When a request of this user came last; null: never. */
    lastSeenAt: orNull(time),
    /** Browsers that are logged in now. */
    logins: Type.Integer({ minimum: 0 }),
  },
  closed,
)
export type User = Static<typeof userSchema>

export const loginSchema = Type.Object(
  {
    id: Type.String(),
    userId: Type.String(),
    createdAt: time,
    lastSeenAt: time,
    address: Type.String(),
    userAgent: orNull(Type.String()),
    /** The one that asks. */
    current: Type.Boolean(),
  },
  closed,
)
export type Login = Static<typeof loginSchema>

export const keySchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    /** The first characters of the key, by which it is recognised in a script. */
    prefix: Type.String(),
    role: roleSchema,
    grants: grantsSchema,
    /** It sees and touches only client ids that begin with this; null: all. */
    clientIdPrefix: orNull(Type.String()),
    createdAt: time,
    createdBy: Type.String(),
    /** Null: never. */
    expiresAt: orNull(time),
    lastUsedAt: orNull(time),
    lastUsedFrom: orNull(Type.String()),
  },
  closed,
)
export type Key = Static<typeof keySchema>

export const meSchema = Type.Object(
  {
    kind: Type.Enum(['user', 'key']),
    id: Type.String(),
    name: Type.String(),
    role: roleSchema,
    grants: grantsSchema,
    clientIdPrefix: orNull(Type.String()),
    /** The broker refuses everything that changes something. */
    readOnly: Type.Boolean(),
  },
  closed,
)
export type Me = Static<typeof meSchema>
