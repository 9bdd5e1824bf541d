// A saved view: a page of the console with its filter, order and columns, for oneself or for all.

import Type, { type Static } from 'typebox'
import { nameSchema } from './account-shapes.ts'

const closed = { additionalProperties: false } as const

const properties = {
  name: nameSchema,
  /** Which page it is of: `sessions`, `events`, ... */
  page: Type.String({ pattern: '^[a-z][a-z-]{0,31}$' }),
  /** What stands behind the question mark of that page's address: filter, order, columns. */
  query: Type.String({ maxLength: 2_048 }),
  /** Whether everybody sees it. */
  shared: Type.Boolean(),
}

export const newViewSchema = Type.Object({ ...properties, shared: Type.Optional(Type.Boolean()) }, closed)
export type NewView = Static<typeof newViewSchema>

export const viewSchema = Type.Object(
  {
    id: Type.String(),
    ...properties,
    /** Whose it is. */
    owner: Type.String(),
    /** Whether it belongs to who asks. */
    own: Type.Boolean(),
    createdAt: Type.String({ format: 'date-time' }),
  },
  closed,
)
export type View = Static<typeof viewSchema>
