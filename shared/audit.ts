// What the audit keeps of an act: who did what to what, why, and how it ended. Never a payload or a secret.

import Type, { type Static, type TSchema } from 'typebox'
import { roles } from './account.ts'

export const auditResults = ['done', 'refused', 'failed'] as const

function orNull<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()])
}

export const auditRecordSchema = Type.Object(
  {
    /** Grows by one with each record. */
    sequence: Type.Integer({ minimum: 1 }),
    at: Type.String({ format: 'date-time' }),
    actor: Type.Object(
      {
        /** `none`: nobody was logged in, as at a failed login. */
        kind: Type.Enum(['user', 'key', 'none']),
        name: Type.String(),
        role: orNull(Type.Enum(roles)),
      },
      { additionalProperties: false },
    ),
    address: Type.String(),
    requestId: Type.String(),
    /** `session.clean`, `login`, `payload.read`, ... */
    verb: Type.String(),
    /** A client id, a user's name, a plan, ...; empty where the verb says it all. */
    target: Type.String(),
    reason: orNull(Type.String()),
    result: Type.Enum(auditResults),
    /** What else is known: counts before and after, an operation, a tombstone, the problem. */
    detail: Type.Record(Type.String(), Type.Unknown()),
    /** Of the record before it; with this one's content it makes `hash`. */
    previousHash: Type.String(),
    hash: Type.String(),
  },
  { additionalProperties: false },
)

export type AuditRecord = Static<typeof auditRecordSchema>

/** Before it has its place in the chain. */
export type AuditEntry = Omit<AuditRecord, 'sequence' | 'previousHash' | 'hash'>

export const auditVerificationSchema = Type.Object(
  {
    /** Whether each record follows from the one before. */
    intact: Type.Boolean(),
    records: Type.Integer({ minimum: 0 }),
    firstSequence: orNull(Type.Integer()),
    lastSequence: orNull(Type.Integer()),
    lastHash: orNull(Type.String()),
    /** The first record that does not follow, and why. */
    brokenAt: orNull(Type.Integer()),
    why: orNull(Type.String()),
  },
  { additionalProperties: false },
)

export type AuditVerification = Static<typeof auditVerificationSchema>
