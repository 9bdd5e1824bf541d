// What the admin API answers when it does not do what was asked: problem+json, and nothing about its insides.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Check } from 'typebox/value'
import { problemSchema, problemTypes, problemUri } from '../../../shared/problem.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'

const broker = inProcessBrokerForFile()

async function ask(method: string, path: string, init: RequestInit = {}) {
  const response = await fetch(`${broker.httpUrl}${path}`, { ...init, method })
  return { response, text: await response.text() }
}

async function assertProblem(
  type: keyof typeof problemTypes,
  ...request: Parameters<typeof ask>
): Promise<Response> {
  const { response, text } = await ask(...request)
  const [status, title] = problemTypes[type]
  assert.equal(response.status, status, text)
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  assert.equal(response.headers.get('cache-control'), 'no-store')
  const problem = JSON.parse(text)
  assert.ok(Check(problemSchema, problem), text)
  assert.equal(problem.type, problemUri(type))
  assert.equal(problem.title, title)
  assert.equal(problem.instance, request[1].split('?')[0])
  assert.match(problem.requestId, /^[0-9A-HJKMNP-TV-Z]{26}$/)
  assert.equal(response.headers.get('x-request-id'), problem.requestId)
  return response
}

test('nothing is told to somebody who is not logged in', async () => {
  const response = await assertProblem('not-authenticated', 'GET', '/api/v1/broker')
  assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/)
  assert.equal((await ask('HEAD', '/api/v1/broker')).response.status, 401)
})

test('an address that is not there is not found', async () => {
  await assertProblem('not-found', 'GET', '/api/v1/nothing')
  await assertProblem('not-found', 'GET', '/api/v1')
  await assertProblem('not-found', 'DELETE', '/api/v1/sessions%2f..%2fbroker?x=1')
})

test('a method that a route does not take is told, with those it takes', async () => {
  const response = await assertProblem('method-not-allowed', 'DELETE', '/api/v1/broker')
  assert.equal(response.headers.get('allow'), 'GET, HEAD')
})

test('pages of other sites are told nothing that lets them in', async () => {
  const headers = { origin: 'https://evil.example', 'access-control-request-method': 'GET' }
  const response = await assertProblem('method-not-allowed', 'OPTIONS', '/api/v1/broker', { headers })
  assert.deepEqual(
    [...response.headers.keys()].filter(name => name.startsWith('access-control')),
    [],
  )
})

test('a path that is not well-formed is a problem, too', async () => {
  await assertProblem('validation', 'GET', '/api/v1/broker/%ff')
})

test('every answer has the headers that keep a browser out of trouble', async () => {
  for (const path of ['/api/v1/openapi.json', '/api/v1/nothing', '/api/v1/broker', '/api/v1/broker/%ff']) {
    const { response } = await ask('GET', path)
    assert.match(response.headers.get('content-security-policy') ?? '', /^default-src 'self'/, path)
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff', path)
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer', path)
  }
})
