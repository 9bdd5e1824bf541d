// What the page about the admin API makes of the OpenAPI document: words for schemas, routes by words, requests.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ApiDocument,
  type ApiEntry,
  accessInWords,
  entriesByTag,
  rulesInWords,
} from '../../../dashboard/api-docs/document.ts'
import { curlOf, filledIn, isStream } from '../../../dashboard/api-docs/request.ts'
import { noteOf, rowsOf, typeInWords } from '../../../dashboard/api-docs/schema-words.ts'
import type { ApiContext } from '../../../server/admin/api/context.ts'
import { openApiDocument } from '../../../server/admin/api/openapi.ts'
import { apiRoutes } from '../../../server/admin/api/routes.ts'

/** Routes are values; only their handlers look at what they are given. */
const anything: unknown = new Proxy(() => undefined, {
  get: (_target, name) => (name === Symbol.toPrimitive ? () => 0 : anything),
})
const document = openApiDocument(apiRoutes(anything as ApiContext)) as unknown as ApiDocument

function entry(method: string, path: string): ApiEntry {
  const found = entriesByTag(document, '')
    .flatMap(({ entries }) => entries)
    .find(one => one.method === method && one.path === `/api/v1${path}`)
  assert.ok(found, `there is no ${method} ${path}`)
  return found
}

test('each route stands under its tag once, and is found by words of any kind', () => {
  const all = entriesByTag(document, '').flatMap(({ entries }) => entries)
  const paths = Object.values(document.paths).flatMap(operations => Object.keys(operations))
  assert.equal(all.length, paths.length)
  assert.equal(new Set(all.map(one => one.operation.operationId)).size, all.length)
  const found = (words: string) =>
    entriesByTag(document, words).flatMap(({ entries }) => entries.map(one => `${one.method} ${one.path}`))
  assert.deepEqual(found('DELETE retained'), ['DELETE /api/v1/retained/{topic}'])
  assert.ok(found('payload:read').includes('GET /api/v1/sessions/{clientId}/queue/{seq}/payload'))
  assert.deepEqual(found('no such words'), [])
})

test('who may is said in words', () => {
  const clean = entry('DELETE', '/sessions/{clientId}')
  assert.equal(accessInWords(clean.operation), 'Needs the role operator or a higher one.')
  assert.deepEqual(rulesInWords(clean.operation, 'DELETE'), [
    'Recorded in the audit as session.clean.',
    'Refused in read-only mode.',
    'A key for some client ids may use it for those.',
  ])
  const payload = entry('GET', '/retained/{topic}/payload')
  assert.match(accessInWords(payload.operation), /and the grant payload:read\.$/)
  assert.match(accessInWords(entry('POST', '/auth/login').operation), /^Open to anyone/)
  assert.equal(accessInWords(entry('GET', '/audit').operation), 'Needs the role admin.')
})

test('schemas are told as rows, with what is inside of arrays and of what may be null', () => {
  const rows = rowsOf({
    type: 'object',
    required: ['data'],
    properties: {
      data: {
        type: 'array',
        items: { type: 'object', properties: { at: { type: 'string', format: 'date-time' } } },
      },
      hold: {
        anyOf: [{ type: 'object', properties: { until: { type: 'string' } } }, { type: 'null' }],
        description: 'Until then.',
      },
      limit: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 },
    },
  })
  assert.deepEqual(
    rows.map(({ depth, name, type, isRequired, note }) => [depth, name, type, isRequired, note]),
    [
      [0, 'data', 'array of object', true, ''],
      [1, 'at', 'time', false, ''],
      [0, 'hold', 'object or null', false, 'Until then.'],
      [1, 'until', 'string', false, ''],
      [0, 'limit', 'integer', false, '1 to 1,000, default 100.'],
    ],
  )
  assert.equal(typeInWords({ enum: ['a', 'b'] }), '"a" | "b"')
  assert.equal(typeInWords({ anyOf: [{ const: 'here' }, { type: 'null' }] }), '"here" or null')
  assert.equal(noteOf({ type: 'string', maxLength: 500 }), 'Up to 500 characters.')
  for (const { operation } of entriesByTag(document, '').flatMap(({ entries }) => entries))
    for (const { content } of Object.values(operation.responses))
      for (const { schema } of Object.values(content ?? {}))
        assert.doesNotMatch(JSON.stringify(rowsOf(schema)), /undefined|anything/, operation.operationId)
})

test('a request is filled in as the API wants client ids and topics, and says what is missing', () => {
  const queue = entry('GET', '/sessions/{clientId}/queue')
  assert.deepEqual(filledIn(queue, {}), { url: '/api/v1/sessions/{clientId}/queue', missing: ['clientId'] })
  assert.deepEqual(filledIn(queue, { clientId: '.a/b c', topic: 'x/#', limit: '' }), {
    url: '/api/v1/sessions/~.a%2Fb%20c/queue?topic=x%2F%23',
    missing: [],
  })
  const given = { isOpen: false, streams: false }
  assert.equal(
    curlOf('http://h', "/a?b='", given),
    `curl 'http://h/a?b=%27' -H "Authorization: Bearer $HOLDFAST_API_KEY"`,
  )
  assert.equal(isStream(entry('GET', '/events/stream')), true)
  assert.equal(isStream(queue), false)
})
