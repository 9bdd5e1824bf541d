// GET /subscriptions: those of all sessions in one list.

import Type from 'typebox'
import { closed, cursorSchema, limitOf } from '../../../shared/shapes.ts'
import { liesAtOrBelow } from '../../../shared/topic-overlap.ts'
import { subscriptionFlags, subscriptionPageSchema } from '../../../shared/topics.ts'
import { compileGlob } from '../../read-model/table/glob.ts'
import { listSubscriptions } from '../topics/subscription-list.ts'
import type { Walks } from '../topics/walks.ts'
import type { ApiContext } from './context.ts'
import { readListCursor } from './list-cursor.ts'
import { countedPage, walked } from './query-words.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const query = Type.Object(
  {
    filter: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 2_000,
        description:
          'The topic filter as it was subscribed to, `$share/group/` included; `*` stands for any text.',
      }),
    ),
    prefix: Type.Optional(
      Type.String({
        maxLength: 65_535,
        description:
          'Whole levels, as `path` in the tree of topics: filters that are this, or lie below it. That of a shared subscription counts without its group.',
      }),
    ),
    flag: Type.Optional(
      Type.Enum(subscriptionFlags, {
        description:
          '`broad`: takes everything, or everything from some level on; `overlapping`: a topic may match two subscriptions of the session; `shared`: of a group.',
      }),
    ),
    cursor: cursorSchema,
    limit: limitOf(100, 1_000),
  },
  closed,
)

const example = {
  200: {
    data: [
      {
        clientId: 'web-kiosk-11',
        connected: false,
        topicFilter: 'orders/+/status',
        qos: 1,
        noLocal: false,
        retainAsPublished: false,
        retainHandling: 0,
        subscriptionIdentifier: null,
        shareGroup: null,
        broad: false,
        overlaps: 'orders/#',
      },
    ],
    page: { next: null, hasMore: false, total: 1, totalIsExact: true },
  },
}

export function subscriptionRoutes({ broker }: ApiContext, walks: Walks): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'GET',
      url: '/subscriptions',
      summary: 'Subscriptions of all sessions, by client id.',
      tag: 'Topics',
      role: 'viewer',
      limitedKeys: 'filtered',
      cost: 5,
      query,
      response: { 200: subscriptionPageSchema },
      example,
      problems: [],
      handle: async ({ query: { filter, prefix, flag, cursor, limit }, actor }) => {
        const list = [filter ?? null, prefix ?? null, flag ?? null, actor.facts.clientIdPrefix ?? null]
        const after = readListCursor(list, cursor)
        const isNamed = filter === undefined ? () => true : compileGlob(filter)
        const matches = (topicFilter: string): boolean =>
          isNamed(topicFilter) && (prefix === undefined || liesAtOrBelow(topicFilter, prefix))
        const { data, total, next } = await walked(walks, slices =>
          listSubscriptions({
            slices,
            sessions: broker.parts.registry.all(),
            mayTouch: clientId => actor.mayTouch(clientId),
            matches,
            flag,
            limit,
            after,
          }),
        )
        return { data: [...data], page: countedPage(list, next, total) }
      },
    }),
  ]
}
