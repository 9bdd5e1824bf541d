// GET /topics/tree: the levels of topics that somebody subscribes to or that have a retained message, lazily.

import Type from 'typebox'
import { closed, cursorSchema, limitOf } from '../../../shared/shapes.ts'
import { topicTreeSchema } from '../../../shared/topics.ts'
import { treeLevels } from '../topics/tree-levels.ts'
import type { Walks } from '../topics/walks.ts'
import type { ApiContext } from './context.ts'
import { readListCursor } from './list-cursor.ts'
import { countedPage, walked } from './query-words.ts'
import { type ApiRoute, defineRoute } from './route.ts'

/** Each further level may be walked through once more to count it. */
const DEPTH_MAX = 3

const query = Type.Object(
  {
    prefix: Type.Optional(
      Type.String({ maxLength: 65_535, description: 'Whole levels; left out: from the first one.' }),
    ),
    depth: Type.Integer({ minimum: 1, maximum: DEPTH_MAX, default: 1 }),
    cursor: cursorSchema,
    limit: limitOf(100, 1_000),
  },
  closed,
)

export function topicTreeRoutes({ broker }: ApiContext, walks: Walks): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'GET',
      url: '/topics/tree',
      summary: 'Levels of topics, with how many subscriptions and retained messages lie there and below.',
      description:
        'A filter stands where its levels say, so there are levels `+` and `#`; that of a shared subscription without its group. Go on with `prefix` set to the `path` of a level.',
      tag: 'Topics',
      role: 'viewer',
      cost: 5,
      query,
      response: { 200: topicTreeSchema },
      example: {
        200: {
          prefix: 'orders',
          data: [
            {
              level: '+',
              path: 'orders/+',
              depth: 1,
              subscriptionsHere: 0,
              subscriptions: 2_104,
              retainedHere: false,
              retained: 0,
              hasChildren: true,
            },
          ],
          page: { next: null, hasMore: false, total: 1, totalIsExact: true },
        },
      },
      problems: [],
      handle: async ({ query: { prefix, depth, cursor, limit } }) => {
        const { router, retained } = broker.parts
        const list = [prefix ?? null, depth]
        const after = readListCursor(list, cursor)
        const result = await walked(walks, slices =>
          treeLevels({
            slices,
            subscribed: router.tree,
            retained: retained.root,
            prefix: prefix === undefined ? [] : prefix.split('/'),
            depth,
            limit,
            after,
          }),
        )
        const { data, total, next } = result
        return { prefix: prefix ?? null, data, page: countedPage(list, next, total) }
      },
    }),
  ]
}
