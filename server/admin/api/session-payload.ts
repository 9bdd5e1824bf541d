// The payload of one message in a queue: in parts that say how much there is, or as a download. Needs payload:read.

import Type from 'typebox'
import { quote } from '../../../shared/printable.ts'
import {
  PAYLOAD_STEP_BYTES,
  PAYLOAD_STEP_BYTES_MAX,
  payloadForms,
  payloadPartSchema,
} from '../../../shared/session-queue.ts'
import { partOf } from '../sessions/payload-part.ts'
import { noSession } from '../sessions/refusals.ts'
import type { ApiContext } from './context.ts'
import { problem } from './problem.ts'
import { type ApiRoute, defineRoute, media } from './route.ts'
import { messageParams, QUEUE_TAG } from './session-params.ts'
import { payloadPartExample } from './session-queue-examples.ts'

const RAW_MEDIA_TYPE = 'application/octet-stream'

const payloadQuery = Type.Object(
  {
    as: Type.Enum(payloadForms, {
      default: 'base64',
      description: '`raw` is the whole payload as a download; the others are a part of it, in JSON.',
    }),
    offset: Type.Integer({ minimum: 0, default: 0, description: 'In bytes.' }),
    length: Type.Integer({ minimum: 1, maximum: PAYLOAD_STEP_BYTES_MAX, default: PAYLOAD_STEP_BYTES }),
  },
  { additionalProperties: false },
)

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
      response: {
        200: Type.Union([payloadPartSchema, media(RAW_MEDIA_TYPE)], {
          'x-media': ['application/json', RAW_MEDIA_TYPE],
        }),
      },
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
        if (as !== 'raw') return partOf(seq, message, { as, offset, length })
        reply.headers({
          'content-type': RAW_MEDIA_TYPE,
          // Nothing of the topic: a name that a client chose is no name for a file.
          'content-disposition': `attachment; filename="message-${seq}.bin"`,
          'content-security-policy': 'sandbox',
        })
        return message.payload
      },
    }),
  ]
}
