// GET /openapi.json: the routes, for people and for programs that make clients of them.

import Type from 'typebox'
import { openApiDocument } from './openapi.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const documentSchema = Type.Object({
  openapi: Type.String(),
  info: Type.Unknown(),
  paths: Type.Record(Type.String(), Type.Unknown()),
})

/** `routes` may still grow until the first request; it tells nothing of this broker, so it is open. */
export function openApiRoute(routes: readonly ApiRoute[]): ApiRoute {
  let document: Readonly<Record<string, unknown>> | undefined
  return defineRoute({
    method: 'GET',
    url: '/openapi.json',
    summary: 'This description of the API.',
    tag: 'Broker',
    role: 'anyone',
    response: { 200: documentSchema },
    example: { 200: { openapi: '3.1.0', info: { title: 'Holdfast admin API', version: '1' }, paths: {} } },
    problems: [],
    handle: async () => {
      document ??= openApiDocument(routes)
      return document as { openapi: string; info: unknown; paths: Record<string, unknown> }
    },
  })
}
