// GET /events and GET /losses: what has happened to the broker and its sessions, and which messages were lost.

import Type from 'typebox'
import {
  type LostMessage,
  lostMessageSchema,
  type TimelineEntry,
  timelineEntrySchema,
  timelineKinds,
} from '../../../shared/history.ts'
import { closed, cursorSchema, limitOf, pageSchema } from '../../../shared/shapes.ts'
import type { ApiContext } from './context.ts'
import { readNumberCursor, readTime, readWords, uncountedPage } from './query-words.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const optionalText = (description: string, maxLength = 1_024) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }))
const optionalTime = (description: string) => Type.Optional(Type.String({ format: 'date-time', description }))

const eventExample: TimelineEntry = {
  id: 88_231,
  at: '2026-10-21T09:00:02.000Z',
  until: null,
  count: 1,
  kind: 'disconnect',
  clientId: 'web-kiosk-11',
  generation: '01JDXAMPE0000000000000000K',
  actor: null,
  data: { cause: 'socket', detail: 'the connection was lost', closeCode: 1006 },
}

const lossExample: LostMessage = {
  id: 7_712,
  at: '2026-10-21T09:00:02.000Z',
  clientId: 'web-kiosk-11',
  generation: '01JDXAMPE0000000000000000K',
  reason: 'queue-full',
  topic: 'orders/17/status',
  publisher: 'order-service',
  qos: 1,
  size: 412,
  actor: null,
}

export function eventRoutes(context: ApiContext): readonly ApiRoute[] {
  return [events(context), losses(context)]
}

function events({ history }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/events',
    summary: 'What has happened to the broker and its sessions, the newest first.',
    description: 'What each kind means, and what its `data` holds, is said in docs/HISTORY.md.',
    tag: 'Events',
    role: 'viewer',
    query: Type.Object(
      {
        kind: optionalText(`One or several, with commas between: ${timelineKinds.join(', ')}.`),
        actor: optionalText('Only what this operator or key has done.'),
        from: optionalTime('Not before.'),
        to: optionalTime('Not after.'),
        cursor: cursorSchema,
        limit: limitOf(100, 1_000),
      },
      closed,
    ),
    response: { 200: Type.Object({ data: Type.Array(timelineEntrySchema), page: pageSchema }, closed) },
    example: { 200: { data: [eventExample], page: uncountedPage(88_231) } },
    problems: [],
    handle: async ({ query }) => {
      const { data, next } = await history.events({
        kinds: readWords('kind', query.kind, timelineKinds),
        actor: query.actor,
        from: readTime(query.from),
        to: readTime(query.to),
        before: readNumberCursor(query.cursor),
        limit: query.limit,
      })
      return { data: [...data], page: uncountedPage(next) }
    },
  })
}

function losses({ history }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/losses',
    summary:
      'Messages that did not reach somebody they were meant for, the newest first, without their payloads.',
    description:
      'A selection where many are lost at once: docs/HISTORY.md says which. The counts of a session are exact.',
    tag: 'Events',
    role: 'viewer',
    query: Type.Object(
      {
        clientId: optionalText('Whose they were.', 65_535),
        reason: optionalText('Why they were lost, as in `queue-full`.', 64),
        cursor: cursorSchema,
        limit: limitOf(100, 1_000),
      },
      closed,
    ),
    response: { 200: Type.Object({ data: Type.Array(lostMessageSchema), page: pageSchema }, closed) },
    example: { 200: { data: [lossExample], page: uncountedPage(undefined) } },
    problems: [],
    handle: async ({ query: { clientId, reason, cursor, limit } }) => {
      const { data, next } = await history.lostMessages({
        clientId,
        reason,
        before: readNumberCursor(cursor),
        limit,
      })
      return { data: [...data], page: uncountedPage(next) }
    },
  })
}
