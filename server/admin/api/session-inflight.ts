// What is in flight: sent to the client and not acknowledged, and received from it and not released.

import Type from 'typebox'
import { type InflightLane, inflightSchema } from '../../../shared/session-queue.ts'
import { inflightOf, lanesOf } from '../sessions/inflight.ts'
import { noSession } from '../sessions/refusals.ts'
import type { ApiContext } from './context.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { QUEUE_TAG, sessionParams } from './session-params.ts'
import { inflightExample } from './session-queue-examples.ts'

/** Connections looked at to count how often a message was sent again; a client with more has another problem. */
const CONNECTS_MAX = 200

const inflightQuery = Type.Object(
  {
    dir: Type.Optional(
      Type.Enum(['out', 'in', 'pubrel'], {
        description:
          '`out`: sent, PUBACK or PUBREC awaited; `pubrel`: PUBREL sent, PUBCOMP awaited; `in`: QoS 2 from the client, PUBREL awaited.',
      }),
    ),
  },
  { additionalProperties: false },
)

const lanesOfDirection: Readonly<Record<'out' | 'in' | 'pubrel', readonly InflightLane[]>> = {
  out: ['puback', 'pubrec'],
  pubrel: ['pubcomp'],
  in: ['pubrel'],
}

export function sessionInflightRoutes(context: ApiContext): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'GET',
      url: '/sessions/{clientId}/inflight',
      summary: 'What is in flight, by the packet that is awaited from the client, with ages.',
      tag: QUEUE_TAG,
      role: 'viewer',
      params: sessionParams,
      query: inflightQuery,
      response: { 200: inflightSchema },
      example: { 200: inflightExample },
      problems: ['not-found'],
      handle: async request => {
        const { clientId } = request.params
        const { dir } = request.query
        const { broker, table, clock } = context
        const connects = await connectsOf(context, clientId)
        const session = broker.parts.registry.get(clientId)
        if (session === undefined) throw await noSession(context, request.actor, clientId)
        const unmovedMs = table.stuckRule.inflightUnmovedMs
        const entries = inflightOf(session, { now: clock.now(), unmovedMs, connects })
        const { generation, version, attachment } = session
        return {
          generation,
          version,
          connected: attachment !== undefined,
          window: attachment?.sendQuotaMax ?? null,
          lanes: lanesOf(entries),
          data: entries.filter(({ lane }) => dir === undefined || lanesOfDirection[dir].includes(lane)),
        }
      },
    }),
  ]
}

async function connectsOf({ history }: ApiContext, clientId: string): Promise<readonly number[]> {
  const { data } = await history.timeline(clientId, { kinds: ['connect'], limit: CONNECTS_MAX })
  // A row that stands for several connections tells the first and the last of them; those between count as the last.
  return data.flatMap(({ at, until, count }) =>
    until === null
      ? [Date.parse(at)]
      : [...Array.from({ length: count - 1 }, () => Date.parse(until)), Date.parse(at)],
  )
}
