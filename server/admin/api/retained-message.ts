// One retained message: its payload, and deleting it. Who subscribes afterwards does not get it; nobody else is told.

import Type from 'typebox'
import { bytesInWords, momentInWords } from '../../../shared/plain-words.ts'
import { quote } from '../../../shared/printable.ts'
import { type RetainedDeleted, retainedDeletedSchema } from '../../../shared/retained.ts'
import { findRetained } from '../../broker/operations/retained.ts'
import type { Message } from '../../protocol/message.ts'
import { takeRetained } from '../operations/act-on-retained.ts'
import type { ItemResult } from '../operations/item-result.ts'
import { partOf } from '../sessions/payload-part.ts'
import { operationRequest } from './acting-words.ts'
import type { ApiContext } from './context.ts'
import { requireMatch } from './etag.ts'
import { payloadQuery, payloadResponse, sendRaw } from './payload-answer.ts'
import { type ApiProblem, problem } from './problem.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { payloadPartExample } from './session-queue-examples.ts'

export const RETAINED_TAG = 'Retained messages'

const topicParams = Type.Object(
  {
    topic: Type.String({
      minLength: 1,
      description: 'Percent-encoded; one that begins with `.` or `~` has another `~` in front.',
    }),
  },
  { additionalProperties: false },
)

const deletedExample: RetainedDeleted = {
  topic: 'plant/7/temperature',
  sentence:
    'Deleted the retained message of "plant/7/temperature" (23 B); it can be put back until 21 Nov 2026 12:18 UTC.',
  bytes: 23,
  tombstone: { id: 'op_01JDXAMPE0000000000000003P-0', undoUntil: '2026-11-21T12:18:00.000Z' },
  operation: 'op_01JDXAMPE0000000000000003P',
  notOnDisk: null,
}

export function retainedMessageRoutes(context: ApiContext): readonly ApiRoute[] {
  return [payload(context), remove(context)]
}

function payload(context: ApiContext): ApiRoute {
  const { seq, ...example } = payloadPartExample
  return defineRoute({
    method: 'GET',
    url: '/retained/{topic}/payload',
    summary: 'The payload of the message that is retained on a topic.',
    description: 'Its ETag is the message: `setAt` of the list between double quotes.',
    tag: RETAINED_TAG,
    role: 'viewer',
    grant: 'payload:read',
    audit: 'payload.read',
    params: topicParams,
    query: payloadQuery,
    response: { 200: payloadResponse },
    example: { 200: example },
    problems: ['not-found'],
    handle: async ({ params, query, act }, reply) => {
      const message = retainedOn(context, params.topic)
      const { as, offset, length } = query
      act.tell({ retained: true, as, offset })
      reply.header('etag', tagOf(message))
      return as === 'raw' ? sendRaw(reply, message, 'retained.bin') : partOf(message, { as, offset, length })
    },
  })
}

function remove(context: ApiContext): ApiRoute {
  const { acting, broker } = context
  return defineRoute({
    method: 'DELETE',
    url: '/retained/{topic}',
    summary: 'Deletes the message that is retained on a topic; subscribers that are there are not told.',
    description:
      'With If-Match (`setAt` of the list between double quotes) only if it is still that message. It can be put back for a while, as long as the topic is empty. What lies below `$SYS` is set by the broker itself.',
    tag: RETAINED_TAG,
    role: 'operator',
    audit: 'retained.delete',
    params: topicParams,
    response: { 200: retainedDeletedSchema },
    example: { 200: deletedExample },
    problems: ['not-found', 'conflict', 'precondition-failed'],
    handle: async ({ params: { topic }, actor, reason, act, http }) => {
      const message = retainedOn(context, topic)
      if (message.topic.isReserved)
        throw problem('conflict', { detail: 'The broker sets what lies below $SYS itself.' })
      if (http.headers['if-match'] !== undefined) requireMatch(http, tagOf(message))
      const { outcome, operation } = await acting.operations.singles.perform(
        {
          ...operationRequest(actor, reason),
          action: 'retained.delete',
          clientId: null,
          topic,
          generation: null,
          options: {},
        },
        copy => takeRetained(message, copy, { parts: broker.parts, retainedUndo: acting.retainedUndo }),
        result => (result.status === 'ok' ? result : undefined),
      )
      if (outcome.status !== 'ok') throw replaced(topic)
      const deleted = deletedShape(message, outcome, operation?.id)
      const { tombstone, bytes } = deleted
      act.tell({ bytes, ...(tombstone === null ? {} : { tombstone: tombstone.id }) })
      return deleted
    },
  })
}

function retainedOn({ broker, clock }: ApiContext, topic: string): Message {
  const found = findRetained(broker.parts, topic, undefined)
  if (found.at !== 'found' || found.message.expiresAt <= clock.now())
    throw problem('not-found', { detail: `Nothing is retained on ${quote(topic)}.` })
  return found.message
}

function tagOf({ receivedAt }: Message): string {
  return `"${new Date(receivedAt).toISOString()}"`
}

function replaced(topic: string): ApiProblem {
  return problem('conflict', {
    detail: `Another message has taken its place on ${quote(topic)} in this moment; it stays.`,
  })
}

function deletedShape(
  { topic, size }: Message,
  { undo, detail }: ItemResult,
  operation: string | undefined,
): RetainedDeleted {
  const kept = undo?.by === 'retained' ? undo : undefined
  const putBack = kept === undefined ? '' : `; it can be put back until ${momentInWords(kept.until)}`
  return {
    topic: topic.name,
    sentence: `Deleted the retained message of ${quote(topic.name)} (${bytesInWords(size)})${putBack}.`,
    bytes: size,
    tombstone: kept === undefined ? null : { id: kept.id, undoUntil: new Date(kept.until).toISOString() },
    operation: operation ?? null,
    notOnDisk: detail ?? null,
  }
}
