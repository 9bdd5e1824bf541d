// The payload of one message in a queue: in parts that say how much there is, or as a download. Needs payload:read.

import { quote } from '../../../shared/printable.ts'
import { partOf } from '../sessions/payload-part.ts'
import { noSession } from '../sessions/refusals.ts'
import type { ApiContext } from './context.ts'
import { payloadQuery, payloadResponse, sendRaw } from './payload-answer.ts'
import { problem } from './problem.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { messageParams, QUEUE_TAG } from './session-params.ts'
import { payloadPartExample } from './session-queue-examples.ts'

export function sessionPayloadRoutes(context: ApiContext): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'GET',
      url: '/sessions/{clientId}/queue/{seq}/payload',
      summary: 'The payload of one message that is owed to the session.',
      tag: QUEUE_TAG,
      role: 'viewer',
      grant: 'payload:read',
      audit: 'payload.read',
      params: messageParams,
      query: payloadQuery,
      response: { 200: payloadResponse },
      example: { 200: payloadPartExample },
      problems: ['not-found'],
      handle: async (request, reply) => {
        const { clientId, seq } = request.params
        const { as, offset, length } = request.query
        const session = context.broker.parts.registry.get(clientId)
        if (session === undefined) throw await noSession(context, request.actor, clientId)
        const message = (await session.store.read(session.lease.queue, [seq])).get(seq)
        if (message === undefined) {
          const detail = `There is no message ${seq} in the queue of ${quote(clientId)} any more.`
          throw problem('not-found', { detail })
        }
        request.act.tell({ seq, topic: message.topic.name, as, offset })
        if (as === 'raw') return sendRaw(reply, message, `message-${seq}.bin`)
        return { seq, ...partOf(message, { as, offset, length }) }
      },
    }),
  ]
}
