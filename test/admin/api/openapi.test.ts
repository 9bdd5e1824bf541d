// The rules that every route of the admin API keeps, read from its own description.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TSchema } from 'typebox'
import { Check } from 'typebox/value'
import { problemTypes } from '../../../shared/problem.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { type NamedOperation, operationsOf, readApiDocument } from '../../harness/openapi.ts'

const broker = inProcessBrokerForFile()

async function operations(): Promise<readonly NamedOperation[]> {
  return operationsOf(await readApiDocument(broker.httpUrl))
}

test('there are routes, each with a name of its own', async () => {
  const ids = (await operations()).map(({ operation }) => operation.operationId)
  assert.ok(ids.length >= 2)
  assert.equal(new Set(ids).size, ids.length)
})

test('each route says what it does, who may, and which problems it has', async () => {
  for (const { name, operation } of await operations()) {
    assert.match(operation.summary, /^[A-Z].*\.$/, `${name}: a summary is a sentence`)
    assert.equal(operation.tags.length, 1, name)
    assert.ok(['anyone', 'viewer', 'operator', 'admin'].includes(operation['x-role']), name)
    assert.ok(operation['x-problems'].length > 0, name)
    for (const type of operation['x-problems']) assert.ok(type in problemTypes, `${name}: ${type}`)
  }
})

test('what is unsafe has a name in the audit', async () => {
  for (const { name, method, operation } of await operations()) {
    if (method === 'get') continue
    assert.match(operation['x-audit'] ?? '', /^([a-z-]+\.[a-z-]+|none)$/, name)
  }
})

test('each parameter in a path has a schema, and no other has', async () => {
  for (const { name, path, operation } of await operations()) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1])
    const described = operation.parameters.filter(parameter => parameter.in === 'path')
    assert.deepEqual(
      described.map(parameter => parameter.name),
      inPath,
      name,
    )
  }
})

test('each answer has a schema and an example that fits it', async () => {
  for (const { name, operation } of await operations()) {
    const successes = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'))
    assert.ok(successes.length > 0, name)
    for (const [status, { content }] of successes) {
      if (status === '204') continue
      for (const [type, { schema, example }] of Object.entries(content ?? {}))
        assertFits(schema, example, `${name}: ${status} ${type}`)
      assert.ok(Object.keys(content ?? {}).length > 0, `${name}: ${status}`)
    }
  }
})

test('each body has a schema, and an example that fits it', async () => {
  for (const { name, operation } of await operations()) {
    if (operation.requestBody === undefined) continue
    const { schema, example } = operation.requestBody.content['application/json']
    assertFits(schema, example, `${name}: body`)
  }
})

function assertFits(schema: TSchema, example: unknown, what: string): void {
  assert.notEqual(example, undefined, `${what} has no example`)
  assert.ok(Check(schema, example), `${what}: the example does not fit its schema`)
}
