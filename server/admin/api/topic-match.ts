// GET /topics/match: who would receive a message, and what would become of it for each.

import Type from 'typebox'
import { closed, cursorSchema, limitOf } from '../../../shared/shapes.ts'
import { topicMatchSchema } from '../../../shared/topics.ts'
import type { QoS } from '../../protocol/packet.ts'
import { topicNameProblem } from '../../protocol/rules.ts'
import { receivers } from '../topics/receivers.ts'
import type { Walks } from '../topics/walks.ts'
import type { ApiContext } from './context.ts'
import { invalid } from './invalid.ts'
import { readListCursor } from './list-cursor.ts'
import { countedPage, walked } from './query-words.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const query = Type.Object(
  {
    topic: Type.String(),
    qos: Type.Integer({ minimum: 0, maximum: 2, default: 1, description: 'Of the message.' }),
    cursor: cursorSchema,
    limit: limitOf(100, 1_000),
  },
  closed,
)

export function topicMatchRoutes({ broker, settings }: ApiContext, walks: Walks): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'GET',
      url: '/topics/match',
      summary: 'Who would receive a message on a topic, at which QoS, and whether at once.',
      description:
        'Nothing is published. The message is taken to be short; `No Local` would keep it from its own publisher. Of a shared group one member gets it: `next` says whose turn it is.',
      tag: 'Topics',
      role: 'viewer',
      limitedKeys: 'filtered',
      cost: 5,
      query,
      response: { 200: topicMatchSchema },
      example: {
        200: {
          topic: 'orders/17/status',
          qos: 1,
          data: [
            {
              clientId: 'web-kiosk-11',
              connected: false,
              filters: [{ topicFilter: 'orders/+/status', qos: 1, noLocal: false }],
              qos: 1,
              outcome: 'queued',
              why: 'It is away: the message waits for it.',
            },
          ],
          page: { next: null, hasMore: false, total: 1, totalIsExact: true },
          outcomes: { delivered: 0, queued: 1, lost: 0, refused: 0 },
          groups: [],
          groupsTotal: 0,
        },
      },
      problems: [],
      handle: async ({ query, actor }) => {
        const { topic, cursor, limit } = query
        const qos = query.qos as QoS
        const wrong = topicNameProblem(topic, settings)
        if (wrong !== undefined) throw invalid('/query/topic', `cannot be published to: ${wrong}`)
        const list = [topic, qos]
        const after = readListCursor(list, cursor)
        const result = await walked(walks, slices =>
          receivers({
            slices,
            found: broker.parts.router.matching(topic),
            qos,
            queueQos0: settings.queueQos0,
            mayTouch: clientId => actor.mayTouch(clientId),
            limit,
            after,
          }),
        )
        const { total, next, ...facts } = result
        return { topic, qos, ...facts, page: countedPage(list, next, total) }
      },
    }),
  ]
}
