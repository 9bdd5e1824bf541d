// By what matching sessions can be divided, and what such a part looks like.

import Type, { type Static } from 'typebox'

export const facetKeys = [
  'state',
  'proto',
  'clean',
  'transport',
  'expiry',
  'pinned',
  'prefix',
  'owner',
  'origin',
  'agent',
  'path',
  'ip',
] as const
export type FacetKey = (typeof facetKeys)[number]

export const facetSchema = Type.Object(
  {
    /** Null: sessions that have none. */
    value: Type.Union([Type.String(), Type.Null()]),
    count: Type.Integer({ minimum: 0 }),
    /** What to add to the filter that was asked with, to get exactly these. */
    filter: Type.String(),
  },
  { additionalProperties: false },
)

export type Facet = Static<typeof facetSchema>
