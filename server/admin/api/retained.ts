// GET /retained: the messages that new subscribers get at once.

import Type from 'typebox'
import { type RetainedMessage, retainedPageSchema } from '../../../shared/retained.ts'
import { closed, cursorSchema, limitOf } from '../../../shared/shapes.ts'
import type { Message } from '../../protocol/message.ts'
import { topicFilterProblem } from '../../protocol/rules.ts'
import { walkTopics } from '../../routing/topic-branch.ts'
import { Smallest } from '../topics/smallest.ts'
import type { Walks } from '../topics/walks.ts'
import type { ApiContext } from './context.ts'
import { invalid } from './invalid.ts'
import { readListCursor } from './list-cursor.ts'
import { countedPage, walked } from './query-words.ts'
import { RETAINED_TAG, retainedMessageRoutes } from './retained-message.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const example: RetainedMessage = {
  topic: 'plant/7/temperature',
  bytes: 23,
  payloadBytes: 4,
  qos: 1,
  publisher: 'sensor-7',
  setAt: '2026-11-21T12:00:00.000Z',
  expiresAt: null,
}

export function retainedRoutes(context: ApiContext, walks: Walks): readonly ApiRoute[] {
  return [list(context, walks), ...retainedMessageRoutes(context)]
}

function list({ broker, clock, settings }: ApiContext, walks: Walks): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/retained',
    summary: 'Retained messages by topic, without their payloads.',
    tag: RETAINED_TAG,
    role: 'viewer',
    cost: 5,
    query: Type.Object(
      {
        filter: Type.String({
          default: '#',
          description: 'A topic filter. Wildcards leave out what begins with `$`: ask for `$SYS/#`.',
        }),
        cursor: cursorSchema,
        limit: limitOf(100, 1_000),
      },
      closed,
    ),
    response: { 200: retainedPageSchema },
    example: {
      200: { data: [example], page: { next: null, hasMore: false, total: 1, totalIsExact: true } },
    },
    problems: [],
    handle: async ({ query: { filter, cursor, limit } }) => {
      const wrong = topicFilterProblem(filter, settings)
      if (wrong !== undefined) throw invalid('/query/filter', `is not a topic filter: ${wrong}`)
      const found = new Smallest<Message>(limit, readListCursor([filter], cursor))
      const now = clock.now()
      await walked(walks, slices =>
        slices.each(walkTopics(broker.parts.retained.root, filter), message => {
          if (message !== undefined && message.expiresAt > now) found.offer(message.topic.name, message)
        }),
      )
      const { rows, next } = found.finish()
      return { data: rows.map(retainedRow), page: countedPage([filter], next, found.total) }
    },
  })
}

function retainedRow(message: Message): RetainedMessage {
  const { topic, size, payloadBytes, qos, publisher, receivedAt, expiresAt } = message
  return {
    topic: topic.name,
    bytes: size,
    payloadBytes,
    qos,
    publisher: publisher === '' ? null : publisher,
    setAt: new Date(receivedAt).toISOString(),
    expiresAt: Number.isFinite(expiresAt) ? new Date(expiresAt).toISOString() : null,
  }
}
