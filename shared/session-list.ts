// Pages of the list of sessions, counts of it, and how it divides by one fact.

import Type, { type Static } from 'typebox'
import { facetSchema } from './session-facets.ts'
import { sessionSummarySchema } from './session-summary.ts'
import { closed, count, pageSchema } from './shapes.ts'

/** What `fields` may name; clientId, generation and version are always there, or nobody could act on a row. */
export const sessionFields = Object.keys(sessionSummarySchema.properties) as readonly (keyof Static<
  typeof sessionSummarySchema
>)[]
export type SessionField = (typeof sessionFields)[number]

export const lifelineSpans = ['1h', '24h', '7d'] as const

/** A change's id: what comes after it is told by the live stream. */
const asOf = Type.String()

/** All of a summary, or those of its members that were asked for. */
export const sessionRowSchema = Type.Object(
  {
    ...Type.Partial(sessionSummarySchema).properties,
    clientId: sessionSummarySchema.properties.clientId,
    generation: sessionSummarySchema.properties.generation,
    version: sessionSummarySchema.properties.version,
  },
  closed,
)

export const sessionPageSchema = Type.Object(
  { data: Type.Array(sessionRowSchema), page: pageSchema, asOf },
  closed,
)

export const sessionCountSchema = Type.Object({ count, asOf }, closed)

export const sessionFacetsSchema = Type.Object(
  {
    /** The largest first. */
    data: Type.Array(facetSchema),
    /** Sessions in parts that are not among them. */
    other: count,
    total: count,
    asOf,
  },
  closed,
)

export type SessionRow = Static<typeof sessionRowSchema>
export type SessionPage = Static<typeof sessionPageSchema>
