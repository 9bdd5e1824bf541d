// The settings of a running broker as the admin API shows and changes them.

import Type, { type Static } from 'typebox'

const closed = { additionalProperties: false } as const

/** Where a value comes from; `here` is a change made through this API, which wins over the others. */
export const settingSources = ['default', 'file', 'environment', 'flag', 'here'] as const

export const settingSchema = Type.Object(
  {
    name: Type.String(),
    area: Type.String(),
    /** As an operator would write it. */
    value: Type.String(),
    default: Type.String(),
    source: Type.Enum(settingSources),
    /** Which file and line, variable or flag; for `here`, what would hold without it. */
    where: Type.String(),
    /** What holds once the change made here is taken back. */
    configured: Type.String(),
    /** Whether it can be changed while the broker runs. */
    editable: Type.Boolean(),
    changedBy: Type.Union([Type.String(), Type.Null()]),
    changedAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    meaning: Type.String(),
    because: Type.String(),
    /** What may be written, to follow "must be". */
    allowed: Type.String(),
  },
  closed,
)
export type SettingView = Static<typeof settingSchema>

export const settingsSchema = Type.Object({ data: Type.Array(settingSchema) }, closed)

/** Values by name; null takes the change back. */
export const settingChangesSchema = Type.Record(
  Type.String({ maxLength: 64 }),
  Type.Union([Type.String({ maxLength: 4_096 }), Type.Null()]),
  { minProperties: 1, maxProperties: 100 },
)
