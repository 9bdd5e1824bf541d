// The list of sessions: pages of it, its count, and how it divides by one fact. All ask the same filter.

import Type from 'typebox'
import { facetKeys } from '../../../shared/session-facets.ts'
import {
  lifelineSpans,
  sessionCountSchema,
  sessionFacetsSchema,
  sessionFields,
  sessionPageSchema,
} from '../../../shared/session-list.ts'
import { parseSort, type SessionSort, sortKeys } from '../../../shared/session-sort.ts'
import { cursorSchema, limitOf } from '../../../shared/shapes.ts'
import { readFilter, withinScope } from '../sessions/scope.ts'
import { chosen, readFields, withLifelines } from '../sessions/session-rows.ts'
import type { ApiContext } from './context.ts'
import { notOfThisList } from './list-cursor.ts'
import { overloaded } from './overloaded.ts'
import { problem } from './problem.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { filterSchema, SESSIONS_TAG, summaryExample } from './session-params.ts'

const AS_OF = 'e1a2b3c-4411'

const pageQuery = Type.Object(
  {
    filter: filterSchema,
    sort: Type.String({
      default: 'id',
      maxLength: 40,
      description: `With a minus in front from large to small: ${sortKeys.join(', ')}.`,
    }),
    fields: Type.Optional(
      Type.String({
        maxLength: 1_000,
        description: `Only these members of each row, with commas between them: ${sessionFields.join(', ')}.`,
      }),
    ),
    lifeline: Type.Optional(
      Type.Enum(lifelineSpans, { description: 'Adds when each was online and offline in that span.' }),
    ),
    limit: limitOf(100, 1_000),
    cursor: cursorSchema,
  },
  { additionalProperties: false },
)

export function sessionListRoutes(context: ApiContext): readonly ApiRoute[] {
  return [pageRoute(context), countRoute(context), facetsRoute(context)]
}

function pageRoute(context: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/sessions',
    summary: 'Sessions that match a filter, sorted, a page at a time.',
    description:
      'A page is exact for one moment, which asOf names; rows that change while somebody pages move as their sort says. A cursor goes with its filter and sort, and is good for a day.',
    tag: SESSIONS_TAG,
    role: 'viewer',
    limitedKeys: 'filtered',
    query: pageQuery,
    response: { 200: sessionPageSchema },
    example: {
      200: {
        data: [summaryExample],
        page: { next: null, hasMore: false, total: 1, totalIsExact: true },
        asOf: AS_OF,
      },
    },
    problems: ['cursor-expired'],
    handle: async request => {
      const { query, actor } = request
      const filter = withinScope(actor, readFilter(query.filter))
      const sort = readSort(query.sort)
      const fields = readFields(query.fields, query.lifeline === undefined ? [] : ['lifeline'])
      const { limit, cursor, lifeline } = query
      const page = await context.table.page({ filter, sort, limit, cursor })
      switch (page.at) {
        case 'overloaded':
          throw overloaded(page)
        case 'cursor-mismatch':
          throw notOfThisList()
        case 'cursor-expired':
          throw problem('cursor-expired')
      }
      const rows = lifeline === undefined ? page.rows : await withLifelines(context, page.rows, lifeline)
      const { next = null, total, asOf } = page
      return {
        data: rows.map(row => chosen(row, fields)),
        page: { next, hasMore: next !== null, total, totalIsExact: true },
        asOf,
      }
    },
  })
}

function readSort(text: string): SessionSort {
  const sort = parseSort(text)
  if (!('at' in sort)) return sort
  const { detail, suggestion } = sort
  throw problem('validation', {
    detail: `${detail}.`,
    errors: [{ pointer: '/query/sort', detail }],
    ...(suggestion === undefined ? {} : { suggestion }),
  })
}

function countRoute({ table }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/sessions:count',
    summary: 'How many sessions match a filter.',
    tag: SESSIONS_TAG,
    role: 'viewer',
    limitedKeys: 'filtered',
    query: Type.Object({ filter: filterSchema }, { additionalProperties: false }),
    response: { 200: sessionCountSchema },
    example: { 200: { count: 48_211, asOf: AS_OF } },
    problems: [],
    handle: async ({ query, actor }) => {
      const counted = await table.count(withinScope(actor, readFilter(query.filter)))
      if (counted.at === 'overloaded') throw overloaded(counted)
      const { count, asOf } = counted
      return { count, asOf }
    },
  })
}

function facetsRoute({ table }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/sessions:facets',
    summary: 'How the sessions that match a filter divide by one of their facts.',
    description: 'Each part comes with the filter that selects exactly it.',
    tag: SESSIONS_TAG,
    role: 'viewer',
    limitedKeys: 'filtered',
    query: Type.Object(
      { filter: filterSchema, by: Type.Enum(facetKeys), limit: limitOf(20, 1_000) },
      { additionalProperties: false },
    ),
    response: { 200: sessionFacetsSchema },
    example: {
      200: {
        data: [{ value: 'offline', count: 31, filter: 'state:offline' }],
        other: 0,
        total: 31,
        asOf: AS_OF,
      },
    },
    problems: [],
    handle: async ({ query, actor }) => {
      const { filter, by, limit } = query
      const found = await table.facets(withinScope(actor, readFilter(filter)), by, limit)
      if (found.at === 'overloaded') throw overloaded(found)
      const { facets, other, total, asOf } = found
      return { data: [...facets], other, total, asOf }
    },
  })
}
