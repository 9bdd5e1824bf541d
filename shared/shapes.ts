// Small shapes that many answers of the admin API are made of.

import Type, { type TSchema } from 'typebox'

export const closed = { additionalProperties: false } as const
export const count = Type.Integer({ minimum: 0 })
export const time = Type.String({ format: 'date-time' })

export function orNull<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()])
}

export const pageSchema = Type.Object(
  {
    /** What to send as `cursor` to go on; null at the end. */
    next: orNull(Type.String()),
    hasMore: Type.Boolean(),
    /** Of all pages together; null where counting would cost too much. */
    total: orNull(count),
    totalIsExact: Type.Boolean(),
  },
  closed,
)

export type Page = Type.Static<typeof pageSchema>

/** As in `?limit=100`. */
export function limitOf(usual: number, maximum: number) {
  return Type.Integer({ minimum: 1, maximum, default: usual, description: 'Rows of one page, at the most.' })
}

export const cursorSchema = Type.Optional(
  Type.String({
    maxLength: 100_000,
    description: 'From `page.next` of the page before, with the same filter and sort.',
  }),
)
