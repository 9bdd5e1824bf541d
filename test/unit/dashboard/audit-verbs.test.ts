// What the page of the audit makes of records: words for each verb that there is, changes, and where targets lead.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  changesOf,
  operationOf,
  targetInWords,
  targetUrl,
  tombstoneOf,
  verbChoices,
  verbInWords,
} from '../../../dashboard/pages/audit/verbs.ts'
import type { ApiContext } from '../../../server/admin/api/context.ts'
import { apiRoutes } from '../../../server/admin/api/routes.ts'
import type { AuditRecord } from '../../../shared/audit.ts'

/** Routes are values; only their handlers look at what they are given. */
const anything: unknown = new Proxy(() => undefined, {
  get: (_target, name) => (name === Symbol.toPrimitive ? () => 0 : anything),
})

function record(verb: string, given: Partial<AuditRecord> = {}): AuditRecord {
  return {
    sequence: 1,
    at: '2026-11-26T12:00:00.000Z',
    actor: { kind: 'user', name: 'ana', role: 'admin' },
    address: '10.2.3.4',
    requestId: '01M7',
    verb,
    target: '',
    reason: null,
    result: 'done',
    detail: {},
    previousHash: '',
    hash: '',
    ...given,
  }
}

test('each verb that the API records has words, and a group to be found by', () => {
  const verbs = apiRoutes(anything as ApiContext).flatMap(({ audit }) =>
    audit === undefined || audit === 'none' ? [] : [audit],
  )
  assert.ok(verbs.length > 30)
  for (const verb of verbs) {
    assert.notEqual(verbInWords(record(verb)), verb)
    assert.ok(
      verbChoices.some(([group]) => verb.startsWith(`${group}.`)),
      `there is a group for ${verb}`,
    )
  }
})

test('what was refused was only tried', () => {
  const nobody = { kind: 'none', name: '', role: null } as const
  const words = verbInWords(record('access.login', { result: 'refused', actor: nobody }))
  assert.equal(words, 'tried to log in as')
  assert.equal(
    verbInWords(record('audit.refusals', { result: 'refused', actor: nobody })),
    'refused more of the same',
  )
})

test('changes of settings stand in place of the names of what was changed', () => {
  const changed = record('settings.change', {
    target: 'undo-window audit-age',
    detail: { 'undo-window': '15m -> 1h', 'audit-age': '365d -> never' },
  })
  assert.equal(targetInWords(changed), '')
  assert.deepEqual(changesOf(changed), [
    ['undo-window', '15m', '1h'],
    ['audit-age', '365d', 'never'],
  ])
  const refused = record('settings.change', { target: 'undo-window audit-age', result: 'refused' })
  assert.equal(targetInWords(refused), 'undo-window, audit-age')
})

test('a target leads to its page where it has one, and an act to what takes it back', () => {
  assert.equal(targetUrl(record('session.clean', { target: 'a/b' })), '/sessions/a%2Fb')
  assert.equal(
    targetUrl(record('payload.read', { target: 'plant/7', detail: { retained: true } })),
    '/retained?filter=plant%2F7&topic=plant%2F7',
  )
  assert.equal(targetUrl(record('user.add', { target: 'ben' })), undefined)
  assert.equal(operationOf(record('operation.undo', { target: 'op_1' })), 'op_1')
  assert.equal(
    operationOf(record('operation.undo', { target: 'op_1', detail: { operation: 'op_2' } })),
    'op_2',
  )
  assert.equal(tombstoneOf(record('session.clean', { detail: { tombstone: 't' } })), 't')
  assert.equal(tombstoneOf(record('tombstone.restore', { detail: { tombstone: 't' } })), undefined)
})
