// GET /overview and GET /forecast: how the broker is, and what will be lost when nobody acts.

import Type from 'typebox'
import { forecastSchema } from '../../../shared/history.ts'
import type { Overview } from '../../../shared/overview.ts'
import { overviewAnswerSchema } from '../../../shared/overview.ts'
import { closed } from '../../../shared/shapes.ts'
import type { Millis } from '../../clock.ts'
import { readOverview } from '../overview/read-overview.ts'
import type { ApiContext } from './context.ts'
import { problem } from './problem.ts'
import { type ApiRoute, defineRoute } from './route.ts'

/** However many ask, all sessions are looked at no more often than this. */
const FRESH_MS = 2_000

const example: Overview = {
  figures: {
    at: '2026-11-21T12:00:00.000Z',
    sessions: 48_211,
    online: 11_002,
    offline: 37_209,
    stuck: 31,
    expiring: 96,
    conflicts: 1,
    queued: { count: 912_004, bytes: 412_004_112 },
    retained: 1_204,
    subscriptions: 96_400,
    connections: 11_002,
    rates: { messagesIn: 1_204.2, messagesOut: 4_411, dropped: 0, connects: 2.1 },
    store: {
      engine: 'embedded',
      durability: 'sync',
      bytes: 412_004_112,
      bytesMax: 10_737_418_240,
      problem: null,
    },
  },
  top: {
    queued: [
      {
        clientId: 'web-kiosk-11',
        state: 'stuck',
        queued: 1_000,
        bytes: 4_194_304,
        dropped: 7_712,
        full: 1,
      },
    ],
    bytes: [],
    dropped: [],
  },
  attention: [
    {
      code: 'queues-full',
      severity: 'warning',
      sentence: '7 sessions are at their queue limit.',
      sessions: 7,
      filter: 'full>=100%',
      clientId: null,
    },
  ],
}

export function overviewRoutes(context: ApiContext): readonly ApiRoute[] {
  return [overview(context), forecast(context)]
}

function overview(context: ApiContext): ApiRoute {
  const { clock, live } = context
  let last: { readonly at: Millis; readonly answer: Promise<Overview | undefined> } | undefined
  return defineRoute({
    method: 'GET',
    url: '/overview',
    summary: 'The figures of the broker, the sessions that hold most, and what needs attention.',
    description: 'Put together every two seconds at the most; rates are those of the last second.',
    tag: 'Broker',
    role: 'viewer',
    response: { 200: overviewAnswerSchema },
    example: { 200: example },
    problems: [],
    handle: async () => {
      const now = clock.now()
      if (last === undefined || now - last.at >= FRESH_MS) {
        last = { at: now, answer: readOverview(context, live.overview) }
      }
      const { answer } = last
      const found = await answer
      if (found !== undefined) return found
      last = undefined
      throw problem('broker-unavailable', {
        detail: 'As many questions about all sessions as may wait are waiting already.',
        headers: { 'retry-after': '2' },
      })
    },
  })
}

function forecast({ table }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/forecast',
    summary: 'What will be lost within an hour, a day and a week when nobody comes back and nobody acts.',
    tag: 'Broker',
    role: 'viewer',
    cost: 5,
    query: Type.Object({}, closed),
    response: { 200: forecastSchema },
    example: {
      200: {
        horizons: [
          { horizon: 'hour', sessions: 96, messages: 1_204, bytes: 412_004 },
          { horizon: 'day', sessions: 1_204, messages: 40_112, bytes: 4_120_040 },
          { horizon: 'week', sessions: 9_000, messages: 90_221, bytes: 9_312_000 },
        ],
        never: { sessions: 412, messages: 31_007, bytes: 3_100_000 },
        sentence:
          'Next hour: 96 sessions expire, and 1,204 messages (402 KiB) will be lost. 412 offline sessions never expire.',
      },
    },
    problems: [],
    handle: async () => table.forecast(),
  })
}
