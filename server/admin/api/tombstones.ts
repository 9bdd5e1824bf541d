// Tombstones: what operators have taken away, one by one, brought back or given up.

import Type from 'typebox'
import { closed, limitOf } from '../../../shared/shapes.ts'
import { type TombstoneShape, tombstoneSchema } from '../../../shared/tombstone.ts'
import { purgeTombstone, restoreTombstone, type TombstoneRestored } from '../../broker/operations/restore.ts'
import type { Tombstone } from '../../store/store.ts'
import type { Actor } from '../auth/actor.ts'
import { itemOfTombstone } from '../operations/item-act.ts'
import type { RetainedCopy } from '../operations/retained-undo.ts'
import { idParams, seesAll } from './acting-words.ts'
import type { ApiContext } from './context.ts'
import { type ApiProblem, problem } from './problem.ts'
import { type ApiRoute, defineRoute, noContent } from './route.ts'

const example: TombstoneShape = {
  id: 'op_01JDXAMPE0000000000000003P-0',
  what: 'session',
  clientId: 'web-kiosk-11',
  topic: null,
  generation: '01JDXAMPE0000000000000000K',
  messages: 1_000,
  bytes: 4_194_304,
  subscriptions: 2,
  buriedAt: '2026-11-21T12:04:10.010Z',
  until: '2026-11-21T12:19:10.010Z',
  operation: 'op_01JDXAMPE0000000000000003P',
}

export function tombstoneRoutes(context: ApiContext): readonly ApiRoute[] {
  return [list(context), restore(context), purge(context)]
}

function list({ broker, acting, clock }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/tombstones',
    summary: 'What was taken away and can still be brought back, the latest first.',
    description: 'At most `limit` of them; an operation has all of its own.',
    tag: 'Operations',
    role: 'viewer',
    limitedKeys: 'filtered',
    query: Type.Object(
      {
        clientId: Type.Optional(
          Type.String({ maxLength: 65_535, description: 'Only those of this client.' }),
        ),
        limit: limitOf(100, 1_000),
      },
      closed,
    ),
    response: { 200: Type.Object({ data: Type.Array(tombstoneSchema) }, closed) },
    example: { 200: { data: [example] } },
    problems: [],
    handle: async ({ query, actor }) => {
      const { clientId, limit } = query
      const found: TombstoneShape[] = []
      for (const tombstone of broker.parts.undo.all()) {
        if (clientId !== undefined && tombstone.clientId !== clientId) continue
        if (tombstone.purgeAt > clock.now() && actor.mayTouch(tombstone.clientId))
          found.push(shapeOf(tombstone))
      }
      if (clientId === undefined && seesAll(actor))
        found.push(...(await acting.retainedUndo.list(limit)).map(shapeOfCopy))
      return { data: found.sort((a, b) => (a.buriedAt < b.buriedAt ? 1 : -1)).slice(0, limit) }
    },
  })
}

function restore({ broker, acting }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'POST',
    url: '/tombstones/{id}/restore',
    summary: 'Bring back what was taken away, if nothing else has taken its place.',
    tag: 'Operations',
    role: 'operator',
    audit: 'tombstone.restore',
    limitedKeys: 'filtered',
    params: idParams,
    body: Type.Object({ reason: Type.Optional(Type.String({ maxLength: 500 })) }, closed),
    bodyExample: { reason: 'this was the wrong session' },
    response: {
      200: Type.Object(
        { clientId: tombstoneSchema.properties.clientId, messages: tombstoneSchema.properties.messages },
        closed,
      ),
    },
    example: { 200: { clientId: 'web-kiosk-11', messages: 1_000 } },
    problems: ['not-found', 'conflict', 'limit-exceeded'],
    handle: async ({ params: { id }, body, actor, act, reason }) => {
      const found = broker.parts.undo.find(id)
      if (found === undefined) return restoreCopy(acting.retainedUndo, acting.operations, id, actor)
      requireTouch(actor, found.tombstone.clientId)
      act.target = found.tombstone.clientId
      const by = { actor: actor.facts.name, reason: reason ?? body.reason }
      const outcome = await restoreTombstone(broker.parts, { id, by })
      if (outcome.at !== 'restored') throw notRestored(outcome)
      await acting.operations.tombstoneGone(id)
      const { clientId, messages } = outcome
      act.tell({ tombstone: id, what: outcome.what, messages })
      return { clientId, messages }
    },
  })
}

function purge({ broker, acting }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'DELETE',
    url: '/tombstones/{id}',
    summary: 'Give up for good what could be brought back.',
    tag: 'Operations',
    role: 'admin',
    audit: 'tombstone.purge',
    limitedKeys: 'filtered',
    params: idParams,
    response: { 204: noContent },
    example: {},
    problems: ['not-found'],
    handle: async ({ params: { id }, actor, act, reason }) => {
      const found = broker.parts.undo.find(id)
      if (found === undefined) {
        if (!seesAll(actor) || (await acting.retainedUndo.find(id)) === undefined) throw problem('not-found')
        await acting.retainedUndo.drop(id)
      } else {
        requireTouch(actor, found.tombstone.clientId)
        act.target = found.tombstone.clientId
        await purgeTombstone(broker.parts, { id, by: { actor: actor.facts.name, reason } })
      }
      act.tell({ tombstone: id })
      await acting.operations.tombstoneGone(id)
    },
  })
}

async function restoreCopy(
  retainedUndo: ApiContext['acting']['retainedUndo'],
  operations: ApiContext['acting']['operations'],
  id: string,
  actor: Actor,
) {
  if (!seesAll(actor)) throw problem('not-found')
  const outcome = await retainedUndo.restore(id)
  switch (outcome.at) {
    case 'restored':
      await operations.tombstoneGone(id)
      return { clientId: null, messages: 1 }
    case 'no-copy':
      throw problem('not-found')
    case 'topic-taken':
      throw problem('conflict', { detail: 'Another message is retained on that topic now.' })
    case 'expired':
      throw problem('conflict', { detail: 'The message has expired meanwhile.' })
    case 'no-room':
      throw problem('limit-exceeded', { detail: 'The broker holds as many retained messages as it may.' })
  }
}

function notRestored(outcome: Exclude<TombstoneRestored, { at: 'restored' }>): ApiProblem {
  switch (outcome.at) {
    case 'no-tombstone':
      return problem('not-found')
    case 'session-exists':
      return problem('conflict', {
        detail: 'A session with that client id is there now, and stays.',
        actual: `"${outcome.generation}.${outcome.version}"`,
      })
    case 'session-gone':
      return problem('conflict', { detail: 'The session that the messages were taken from is no more.' })
    case 'no-room':
      return problem('conflict', { detail: 'The queue has no room for all of them.' })
    case 'too-many-sessions':
      return problem('limit-exceeded', { detail: 'There are as many sessions as there may be.' })
  }
}

function requireTouch(actor: Actor, clientId: string): void {
  if (!actor.mayTouch(clientId)) throw problem('not-found')
}

function shapeOf(tombstone: Tombstone): TombstoneShape {
  const { id, what, clientId, generation, messages, bytes, subscriptions, buriedAt, purgeAt } = tombstone
  return {
    id,
    what,
    clientId,
    topic: null,
    generation,
    messages,
    bytes,
    subscriptions,
    buriedAt: new Date(buriedAt).toISOString(),
    until: new Date(purgeAt).toISOString(),
    operation: itemOfTombstone(id)?.operation ?? null,
  }
}

function shapeOfCopy({ id, topic, bytes, buriedAt, purgeAt }: RetainedCopy): TombstoneShape {
  return {
    id,
    what: 'retained',
    clientId: null,
    topic,
    generation: null,
    messages: 1,
    bytes,
    subscriptions: 0,
    buriedAt: new Date(buriedAt).toISOString(),
    until: new Date(purgeAt).toISOString(),
    operation: itemOfTombstone(id)?.operation ?? null,
  }
}
