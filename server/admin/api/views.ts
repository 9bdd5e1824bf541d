// Saved views: one's own, and those that somebody shares.

import Type from 'typebox'
import { newViewSchema, type View, viewSchema } from '../../../shared/view.ts'
import type { Actor } from '../auth/actor.ts'
import { VIEWS_PER_OWNER_MAX, type ViewRecord } from '../views/views.ts'
import type { ApiContext } from './context.ts'
import { problem } from './problem.ts'
import { type ApiRoute, defineRoute, noContent } from './route.ts'

const closed = { additionalProperties: false } as const

const example: View = {
  id: '01M7Z0K3VQ8D5T1N6S2B4C9F7K',
  name: 'Kiosks that are stuck',
  page: 'sessions',
  query: 'filter=id%3Aweb-kiosk-*+stuck%3Atrue&sort=-queued',
  shared: true,
  owner: 'ana',
  own: true,
  createdAt: '2026-11-26T12:00:00.000Z',
}

export function viewRoutes(context: ApiContext): readonly ApiRoute[] {
  return [list(context), add(context), remove(context)]
}

function list({ views }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/views',
    summary: "One's own saved views, and those that are shared.",
    tag: 'Views',
    role: 'viewer',
    limitedKeys: 'filtered',
    response: { 200: Type.Object({ data: Type.Array(viewSchema) }, closed) },
    example: { 200: { data: [example] } },
    problems: [],
    handle: async ({ actor }) => {
      const seen = await views.seenBy(actor)
      return { data: seen.map(view => shown(view, actor)) }
    },
  })
}

function add({ views, clock }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'POST',
    url: '/views',
    summary: 'Save a view. To share it takes an operator.',
    tag: 'Views',
    role: 'viewer',
    limitedKeys: 'filtered',
    audit: 'view.add',
    body: newViewSchema,
    bodyExample: { name: example.name, page: example.page, query: example.query, shared: true },
    response: { 201: viewSchema },
    example: { 201: example },
    problems: ['limit-exceeded'],
    handle: async ({ body, actor, act }) => {
      act.target = body.name
      if (body.shared === true && !actor.is('operator'))
        throw problem('forbidden', { detail: 'To share a view needs the role operator.' })
      const made = await views.add(body, actor, clock.now())
      if (made === 'too-many')
        throw problem('limit-exceeded', { detail: `Nobody may have more than ${VIEWS_PER_OWNER_MAX} views.` })
      return shown(made, actor)
    },
  })
}

function remove({ views }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'DELETE',
    url: '/views/{id}',
    summary: "Delete a view of one's own; admins also those that others share.",
    tag: 'Views',
    role: 'viewer',
    limitedKeys: 'filtered',
    audit: 'view.remove',
    params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
    response: { 204: noContent },
    example: {},
    problems: ['not-found'],
    handle: async ({ params, actor, act }) => {
      const view = await views.get(params.id)
      if (view === undefined || !isSeen(view, actor)) throw problem('not-found')
      act.target = view.name
      if (view.owner !== actor.key && !actor.is('admin'))
        throw problem('forbidden', { detail: 'It belongs to somebody else.' })
      await views.remove(view.id)
    },
  })
}

function isSeen(view: ViewRecord, actor: Actor): boolean {
  return view.shared || view.owner === actor.key
}

function shown(view: ViewRecord, actor: Actor): View {
  const { id, name, page, query, shared, ownerName, owner, createdAt } = view
  return {
    id,
    name,
    page,
    query,
    shared,
    owner: ownerName,
    own: owner === actor.key,
    createdAt: new Date(createdAt).toISOString(),
  }
}
