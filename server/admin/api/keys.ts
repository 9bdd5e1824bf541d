// API keys: made, shown once, rotated and deleted.

import Type from 'typebox'
import { grantsSchema, type Key, keySchema, nameSchema, roleSchema } from '../../../shared/account-shapes.ts'
import type { Access } from '../auth/access.ts'
import type { KeyRecord, MadeKey } from '../auth/keys.ts'
import type { ApiContext } from './context.ts'
import { problem } from './problem.ts'
import { type ApiRoute, defineRoute, noContent } from './route.ts'
import { millisOf } from './time.ts'

const closed = { additionalProperties: false } as const
const idParams = Type.Object({ id: Type.String({ maxLength: 64 }) })
const madeKeySchema = Type.Object(
  {
    record: keySchema,
    /** Shown this once: only its hash is kept. */
    key: Type.String(),
  },
  closed,
)

const example: Key = {
  id: '01M7Z0K3VQ8D5T1N6S2B4C9F7J',
  name: 'nightly report',
  prefix: 'hf_q7Xw2B',
  role: 'viewer',
  grants: [],
  clientIdPrefix: 'web-',
  createdAt: '2026-11-21T12:00:00.000Z',
  createdBy: 'ana',
  expiresAt: '2027-11-21T12:00:00.000Z',
  lastUsedAt: null,
  lastUsedFrom: null,
}
const madeExample = { record: example, key: 'hf_q7Xw2BvC5nM8kL1jH4gF7dS0aP3oI6uY9tR2eW5qZ8x' }

export function keyRoutes({ access }: ApiContext): readonly ApiRoute[] {
  return [list(access), add(access), rotate(access), remove(access)]
}

function list(access: Access): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/keys',
    summary: 'All API keys, without their secrets.',
    tag: 'Access',
    role: 'admin',
    response: { 200: Type.Object({ data: Type.Array(keySchema) }, closed) },
    example: { 200: { data: [example] } },
    problems: [],
    handle: async () => ({ data: access.keys.all().map(shown) }),
  })
}

function add(access: Access): ApiRoute {
  return defineRoute({
    method: 'POST',
    url: '/keys',
    summary: 'Make an API key. The answer is the only one that holds it.',
    tag: 'Access',
    role: 'admin',
    audit: 'key.add',
    secret: true,
    body: Type.Object(
      {
        name: nameSchema,
        role: roleSchema,
        grants: Type.Optional(grantsSchema),
        clientIdPrefix: Type.Optional(Type.String({ minLength: 1, maxLength: 1_024 })),
        expiresAt: Type.Optional(Type.String({ format: 'date-time' })),
      },
      closed,
    ),
    bodyExample: { name: 'nightly report', role: 'viewer', clientIdPrefix: 'web-' },
    response: { 201: madeKeySchema },
    example: { 201: madeExample },
    problems: ['conflict', 'limit-exceeded'],
    handle: async ({ body, act, actor }) => {
      const { name, role, grants = [], clientIdPrefix } = body
      act.target = name
      act.tell({ role, grants: grants.join(' '), clientIdPrefix: clientIdPrefix ?? null })
      const expiresAt = body.expiresAt === undefined ? undefined : millisOf(body.expiresAt, '/body/expiresAt')
      if (expiresAt !== undefined && expiresAt <= access.now()) {
        const detail = 'must lie ahead'
        throw problem('validation', {
          detail: `/body/expiresAt ${detail}.`,
          errors: [{ pointer: '/body/expiresAt', detail }],
        })
      }
      const createdBy = actor.facts.name
      const made = await access.keys.add(
        { name, role, grants, clientIdPrefix, createdBy, expiresAt },
        access.now(),
      )
      if (made === 'name-taken') throw problem('conflict', { detail: 'There is a key with that name.' })
      if (made === 'too-many')
        throw problem('limit-exceeded', { detail: 'There are as many keys as there may be.' })
      return shownOnce(made)
    },
  })
}

function rotate(access: Access): ApiRoute {
  return defineRoute({
    method: 'POST',
    url: '/keys/{id}/rotate',
    summary: 'Give a key a new secret; the old one ends at once.',
    tag: 'Access',
    role: 'admin',
    audit: 'key.rotate',
    secret: true,
    params: idParams,
    response: { 200: madeKeySchema },
    example: { 200: madeExample },
    problems: ['not-found'],
    handle: async ({ params, act }) => {
      act.target = access.keys.get(params.id)?.name
      const made = await access.keys.rotate(params.id)
      if (made === undefined) throw problem('not-found')
      return shownOnce(made)
    },
  })
}

function remove(access: Access): ApiRoute {
  return defineRoute({
    method: 'DELETE',
    url: '/keys/{id}',
    summary: 'Delete a key.',
    tag: 'Access',
    role: 'admin',
    audit: 'key.remove',
    params: idParams,
    response: { 204: noContent },
    example: {},
    problems: ['not-found'],
    handle: async ({ params, act }) => {
      act.target = access.keys.get(params.id)?.name
      if ((await access.keys.remove(params.id)) === undefined) throw problem('not-found')
    },
  })
}

function shownOnce({ record, key }: MadeKey) {
  return { record: shown(record), key }
}

function shown(key: KeyRecord): Key {
  const { id, name, prefix, role, createdBy, clientIdPrefix = null, lastUsedFrom = null } = key
  const time = (at: number | undefined): string | null =>
    at === undefined ? null : new Date(at).toISOString()
  return {
    id,
    name,
    prefix,
    role,
    grants: [...key.grants],
    clientIdPrefix,
    createdAt: new Date(key.createdAt).toISOString(),
    createdBy,
    expiresAt: time(key.expiresAt),
    lastUsedAt: time(key.lastUsedAt),
    lastUsedFrom,
  }
}
