// GET /conflicts: client ids that several clients fight over, and one of them.

import Type from 'typebox'
import { type Conflict, conflictSchema } from '../../../shared/conflict.ts'
import { closed, limitOf } from '../../../shared/shapes.ts'
import type { ApiContext } from './context.ts'
import { problem } from './problem.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const DAY_SECONDS = 86_400

const tab = {
  transport: 'websocket',
  address: '10.2.3.4',
  port: 51_234,
  origin: 'https://app.example',
  userAgent: 'Mozilla/5.0',
  path: '/mqtt',
  protocolVersion: 4,
  cleanStart: false,
  keepAliveSeconds: 60,
  wins: 41,
  lastAt: '2026-11-21T12:00:00.000Z',
} as const

const example: Conflict = {
  clientId: 'web-checkout',
  isActive: true,
  perMinute: 41,
  takeovers: 41,
  since: '2026-11-21T11:59:00.000Z',
  lastAt: '2026-11-21T12:00:00.000Z',
  heldMs: 1_460,
  redelivered: 12,
  contenders: [tab],
  strip: [{ at: '2026-11-21T12:00:00.000Z', winner: 0 }],
  sentence: 'Two tabs of one browser use the same client id.',
  advice: [{ title: 'One client id for each tab', text: 'Keep a suffix in sessionStorage.', code: null }],
}

export function conflictRoutes({ history }: ApiContext): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'GET',
      url: '/conflicts',
      summary: 'Client ids that several clients fight over, the busiest first.',
      tag: 'Conflicts',
      role: 'viewer',
      limitedKeys: 'filtered',
      query: Type.Object(
        {
          window: Type.Integer({
            minimum: 1,
            maximum: DAY_SECONDS,
            default: DAY_SECONDS,
            description: 'Seconds back in which there was a takeover.',
          }),
          limit: limitOf(100, 1_000),
        },
        closed,
      ),
      response: {
        200: Type.Object(
          {
            data: Type.Array(conflictSchema),
            /** All, also those that `limit` leaves out. */
            total: Type.Integer({ minimum: 0 }),
            active: Type.Integer({ minimum: 0 }),
          },
          closed,
        ),
      },
      example: { 200: { data: [example], total: 1, active: 1 } },
      problems: [],
      handle: async ({ query, actor }) => {
        const all = history
          .listConflicts(query.window * 1_000)
          .filter(({ clientId }) => actor.mayTouch(clientId))
        const active = all.filter(({ isActive }) => isActive).length
        return { data: all.slice(0, query.limit), total: all.length, active }
      },
    }),
    defineRoute({
      method: 'GET',
      url: '/conflicts/{clientId}',
      summary: 'Who fights over one client id, how fast, and what helps.',
      tag: 'Conflicts',
      role: 'viewer',
      params: Type.Object({ clientId: Type.String({ minLength: 1 }) }, closed),
      response: { 200: conflictSchema },
      example: { 200: example },
      problems: ['not-found'],
      handle: async ({ params }) => {
        const conflict = history.findConflict(params.clientId)
        if (conflict !== undefined) return conflict
        throw problem('not-found', { detail: 'Nobody has fought over this client id in the last 24 h.' })
      },
    }),
  ]
}
