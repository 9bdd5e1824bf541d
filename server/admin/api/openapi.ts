// The OpenAPI 3.1 document of the admin API, made from its routes.

import type { TSchema } from 'typebox'
import { type ProblemType, problemSchema, problemTypes, problemUri } from '../../../shared/problem.ts'
import { PROBLEM_MEDIA_TYPE } from './problem.ts'
import { type ApiRoute, isUnsafe, parameterNames } from './route.ts'

export const API_PREFIX = '/api/v1'

type Json = Readonly<Record<string, unknown>>

export function openApiDocument(routes: readonly ApiRoute[]): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const path = `${API_PREFIX}${route.url}`
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] = operation(route)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Holdfast admin API',
      version: '1',
      description:
        'Lists, explains and changes sessions, and what belongs to them. Changes to this version only ever add.\n\nA client id, topic or filter in a path is percent-encoded; one that begins with `.` or `~` gets another `~` in front, because `.` and `..` would be steps in the path.',
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(route => route.tag))].map(name => ({ name })),
    paths,
    components: {
      schemas: { Problem: problemSchema },
      securitySchemes: {
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-holdfast',
          description: 'After `POST /auth/login`; `holdfast` without TLS.',
        },
        key: { type: 'http', scheme: 'bearer', description: 'An API key: `hf_...`.' },
      },
    },
  }
}

function operation(route: ApiRoute): Json {
  const problems = allProblems(route)
  return {
    operationId: operationId(route),
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    tags: [route.tag],
    security: route.role === 'anyone' ? [] : [{ cookie: [] }, { key: [] }],
    'x-role': route.role,
    ...(route.grant === undefined ? {} : { 'x-grant': route.grant }),
    ...(route.inReadOnly === undefined ? {} : { 'x-in-read-only': route.inReadOnly }),
    ...(route.audit === undefined ? {} : { 'x-audit': route.audit }),
    ...(route.auditedWith === undefined ? {} : { 'x-audited-with': route.auditedWith }),
    'x-limited-keys': route.url.includes('{clientId}') ? 'checked' : (route.limitedKeys ?? 'refused'),
    parameters: [...parameters(route), ...headers(route)],
    ...(route.body === undefined ? {} : { requestBody: requestBody(route) }),
    responses: { ...successes(route), ...failures(problems) },
    'x-problems': problems,
  }
}

/** As in `getSessionsClientIdQueue`. */
function operationId({ method, url }: ApiRoute): string {
  const words = url.split(/[^A-Za-z0-9]+/).filter(word => word !== '')
  return method.toLowerCase() + words.map(word => word[0]!.toUpperCase() + word.slice(1)).join('')
}

/** The route's own, and those that the way to it may end with. */
export function allProblems(route: ApiRoute): readonly ProblemType[] {
  const unsafe = isUnsafe(route.method)
  return [
    ...new Set<ProblemType>([
      ...route.problems,
      'validation',
      ...(route.role === 'anyone' ? [] : (['not-authenticated', 'forbidden'] as const)),
      ...(route.grant === 'payload:read' ? (['forbidden-payload'] as const) : []),
      ...(unsafe ? (['cross-site', 'unsupported-media-type', 'too-large'] as const) : []),
      ...(unsafe && route.inReadOnly === undefined ? (['read-only'] as const) : []),
      ...(route.method === 'POST' ? (['idempotency-in-progress', 'idempotency-mismatch'] as const) : []),
      ...(parameterNames(route.url).length > 0 ? (['uri-too-long'] as const) : []),
      'rate-limited',
      'internal',
      'broker-unavailable',
    ]),
  ]
}

function parameters({ params, query }: ApiRoute): readonly Json[] {
  const of = (
    schemas: Readonly<Record<string, TSchema>>,
    place: 'path' | 'query',
    required: readonly string[],
  ) =>
    Object.entries(schemas).map(([name, schema]) => ({
      name,
      in: place,
      // What has a default may be left out.
      required: required.includes(name) && !('default' in schema),
      ...('description' in schema ? { description: schema.description } : {}),
      schema,
    }))
  return [
    ...of(params?.properties ?? {}, 'path', Object.keys(params?.properties ?? {})),
    ...of(query?.properties ?? {}, 'query', query?.required ?? []),
  ]
}

function headers({ method, audit, problems }: ApiRoute): readonly Json[] {
  const header = (name: string, description: string, required = false): Json => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  })
  return [
    ...(problems.includes('precondition-required')
      ? [header('If-Match', 'The ETag of what is to be changed.', true)]
      : []),
    ...(method === 'POST'
      ? [header('Idempotency-Key', 'Lets a request be sent again without being carried out again.')]
      : []),
    ...(isUnsafe(method) && audit !== 'none'
      ? [header('X-Reason', 'Why, for the audit; up to 500 characters, percent-encoded.')]
      : []),
  ]
}

function requestBody({ body, bodyExample }: ApiRoute): Json {
  const example = bodyExample === undefined ? {} : { example: bodyExample }
  return { required: true, content: { 'application/json': { schema: body, ...example } } }
}

function successes({ response, example }: ApiRoute): Json {
  return Object.fromEntries(
    Object.entries(response).map(([status, schema]) => {
      const description = status === '204' ? 'Done.' : 'description' in schema ? schema.description : 'Done.'
      if (!(status in example)) return [status, { description }]
      const given = { schema, example: example[Number(status)] }
      const types = (schema as { 'x-media'?: readonly string[] })['x-media'] ?? ['application/json']
      return [status, { description, content: Object.fromEntries(types.map(type => [type, given])) }]
    }),
  )
}

/** Several types may share a status. */
function failures(problems: readonly ProblemType[]): Json {
  const responses: Record<string, Json> = {}
  for (const type of problems) {
    const [status] = problemTypes[type]
    const same = problems.filter(other => problemTypes[other][0] === status)
    responses[status] = {
      description: same.map(one => `\`${one}\`: ${problemTypes[one][2]}`).join('\n\n'),
      content: {
        [PROBLEM_MEDIA_TYPE]: {
          schema: { $ref: '#/components/schemas/Problem' },
          examples: Object.fromEntries(same.map(one => [one, { value: problemExample(one) }])),
        },
      },
    }
  }
  return responses
}

function problemExample(type: ProblemType): Json {
  const [status, title] = problemTypes[type]
  return {
    type: problemUri(type),
    title,
    status,
    instance: API_PREFIX,
    requestId: '01JDXAMPE00000000000000000',
  }
}
