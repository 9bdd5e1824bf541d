// How routes show the payload of one message: in parts that say how much there is, or all of it as a download.

import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import { PAYLOAD_STEP_BYTES, PAYLOAD_STEP_BYTES_MAX } from '../../../shared/queue-limits.ts'
import { payloadForms, payloadPartSchema } from '../../../shared/session-queue.ts'
import type { Message } from '../../protocol/message.ts'
import { media } from './route.ts'

const RAW_MEDIA_TYPE = 'application/octet-stream'

export const payloadQuery = Type.Object(
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

export const payloadResponse = Type.Union([payloadPartSchema, media(RAW_MEDIA_TYPE)], {
  'x-media': ['application/json', RAW_MEDIA_TYPE],
})

/** `fileName` has nothing of the topic in it: a name that a client chose is no name for a file. */
export function sendRaw(reply: FastifyReply, { payload }: Message, fileName: string): Buffer {
  reply.headers({
    'content-type': RAW_MEDIA_TYPE,
    'content-disposition': `attachment; filename="${fileName}"`,
    'content-security-policy': 'sandbox',
  })
  return payload
}
