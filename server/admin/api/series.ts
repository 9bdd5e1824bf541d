// GET /metrics/series: the broker's totals and rates over the last day, for charts.

import Type from 'typebox'
import { type SeriesName, seriesNames, seriesSchema } from '../../../shared/history.ts'
import { closed } from '../../../shared/shapes.ts'
import type { ApiContext } from './context.ts'
import { invalid } from './invalid.ts'
import { readTime, readWords } from './query-words.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const HOUR_MS = 3_600_000
const usual: readonly SeriesName[] = ['messages.in', 'messages.out', 'messages.dropped']

export function seriesRoutes({ history, clock }: ApiContext): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'GET',
      url: '/metrics/series',
      summary: 'Readings of the last day, as means over equal steps of time.',
      description:
        'Messages, bytes and connects are rates a second; the others are what was there. There is a reading every 15 s, and a step may be made longer so that there are not too many.',
      tag: 'Metrics',
      role: 'viewer',
      query: Type.Object(
        {
          name: Type.Optional(
            Type.String({
              maxLength: 500,
              description: `One or several, with commas between: ${seriesNames.join(', ')}.`,
            }),
          ),
          from: Type.Optional(
            Type.String({ format: 'date-time', description: 'An hour ago, if left out; a day at the most.' }),
          ),
          step: Type.Integer({ minimum: 1, maximum: 86_400, default: 60, description: 'In seconds.' }),
        },
        closed,
      ),
      response: { 200: Type.Object({ data: Type.Array(seriesSchema) }, closed) },
      example: {
        200: {
          data: [
            {
              name: 'messages.in',
              from: '2026-11-21T12:00:00.000Z',
              stepSeconds: 60,
              points: [1_204.2, 1_198.7, null],
            },
          ],
        },
      },
      problems: [],
      handle: async ({ query }) => {
        const now = clock.now()
        const names = readWords('name', query.name, seriesNames) ?? usual
        const from = readTime(query.from) ?? now - HOUR_MS
        if (from > now) throw invalid('/query/from', 'must not lie ahead')
        return { data: [...history.series([...new Set(names)], from, query.step * 1_000)] }
      },
    }),
  ]
}
