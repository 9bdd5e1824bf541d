// The Lab over HTTP: a run gives names, what is done under them is remembered, judged, and taken away in any case.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LabReport } from '../../../shared/lab.ts'
import { administeredForFile, type CheckedAdmin, checkedAdmin } from '../../harness/checked-admin.ts'
import { durableBroker } from '../../harness/operated-broker.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { subscribeAndLeave } from '../../harness/sessions.ts'

const { broker, admin } = administeredForFile({ 'queue-messages-max': 50, 'queue-qos0': true })

const RUN_MS = 15 * 60_000

interface Run {
  readonly id: string
  readonly clientIdPrefix: string
  readonly topicPrefix: string
}

async function begin(who: CheckedAdmin, ...tests: readonly string[]): Promise<Run> {
  return who.post('/lab/runs', { tests }, 201)
}

/** A session that is away with a message in its queue, and the message retained as well. */
async function leaveThings(run: Run, name: string): Promise<void> {
  await subscribeAndLeave(broker, `${run.clientIdPrefix}${name}/sub`, run.topicPrefix + name, 1)
  const publisher = await RawClient.connected(broker, { clientId: `${run.clientIdPrefix}${name}/pub` })
  await publisher.publish({ topic: run.topicPrefix + name, payload: '1', qos: 1, retain: true })
}

function left(run: Run, at = broker): readonly string[] {
  const sessions = [...at.parts.registry.all()].map(({ clientId }) => clientId)
  return sessions.filter(clientId => clientId.startsWith(run.clientIdPrefix))
}

async function retained(run: Run): Promise<number> {
  const { data } = await admin().get(`/retained?filter=${encodeURIComponent(`${run.topicPrefix}#`)}`)
  return data.length
}

function report(changes: Partial<LabReport> = {}): LabReport {
  return {
    test: 'classic-4',
    params: { publishQos: 1, subscribeQos: 1, clean: false, retain: false, messages: 5 },
    observed: [
      { check: 'granted', value: '1' },
      { check: 'acknowledged', value: '5' },
      { check: 'present', value: 'yes' },
      { check: 'arrived', value: '1 2 3 4 5' },
      { check: 'arrived-qos', value: '1' },
      { check: 'live', value: 'arrives' },
    ],
    problem: null,
    ms: 12,
    packets: [{ ms: 1, step: 'Connect', who: 'subscriber', to: 'broker', name: 'CONNECT', words: '' }],
    ...changes,
  }
}

test('what the results follow from is what the broker was set to', async () => {
  const { facts } = await admin().get('/lab')
  assert.deepEqual(
    [
      facts.queueQos0,
      facts.queueMessagesMax,
      facts.queueOverflow,
      facts.sessionExpirySeconds,
      facts.websocketUrl,
    ],
    [true, 50, 'drop-oldest', 604_800, broker.websocketUrl],
  )
})

test('a run is judged by the broker, kept for others to see, and leaves nothing', async () => {
  const run = await begin(admin(), 'classic-4', 'classic-5')
  assert.match(run.clientIdPrefix, /^lab\/root\/[0-9A-Z]{26}\/$/)
  await leaveThings(run, 'classic-4')
  const wrong = report({ test: 'classic-5', params: { ...report().params, publishQos: 0 }, observed: [] })
  const ended = await admin().post(`/lab/runs/${run.id}/end`, { reports: [report(), wrong] })
  assert.deepEqual(
    ended.results.map((one: { verdict: string; difference: string }) => [one.verdict, one.difference]),
    [
      ['passed', null],
      ['failed', 'granted'],
    ],
  )
  assert.deepEqual(ended.cleaned, { sessions: 2, retained: 1 })
  assert.deepEqual([left(run), await retained(run)], [[], 0])
  const viewer = await admin().key({ role: 'viewer' })
  const { results } = await viewer.get('/lab')
  assert.deepEqual(
    results.map((one: { test: string; by: string }) => [one.test, one.by]),
    [
      ['classic-4', 'root'],
      ['classic-5', 'root'],
    ],
  )
  const kept = await viewer.get('/lab/results/classic-4')
  assert.equal(kept.packets.length, 1)
  const kinds = kept.timeline.map((one: { kind: string }) => one.kind)
  for (const kind of ['created', 'connect', 'subscribe', 'disconnect'])
    assert.ok(kinds.includes(kind), `${kind} is not in ${kinds.join(' ')}`)
  assert.deepEqual(
    kept.timeline.map((one: { id: number }) => one.id),
    kept.timeline.map((one: { id: number }) => one.id).sort((one: number, other: number) => one - other),
  )
  await viewer.get('/lab/results/classic-1', 404)
})

test('what is cleaned up cannot be brought back, and takes no room from what can', async () => {
  const run = await begin(admin(), 'classic-4')
  await leaveThings(run, 'classic-4')
  const before = broker.parts.undo.bytes
  await admin().delete(`/lab/runs/${run.id}`, 204)
  assert.equal(broker.parts.undo.bytes, before)
  assert.deepEqual([left(run), await retained(run)], [[], 0])
  await admin().delete(`/lab/runs/${run.id}`, 404)
})

test('a test may have its session expire, and its connections cut', async () => {
  const run = await begin(admin(), 'expire', 'exactly-once')
  await leaveThings(run, 'expire')
  const act = (test: string, what: string, status = 200) =>
    admin().post(`/lab/runs/${run.id}/act`, { test, act: what }, status)
  assert.deepEqual(await act('expire', 'expire'), { sessions: 1 })
  assert.equal(broker.event('session-ended', `${run.clientIdPrefix}expire/sub`).why, 'expired-by-operator')
  const clientId = `${run.clientIdPrefix}exactly-once/sub`
  const client = await RawClient.connected(broker, { clientId, clean: false }, { protocolVersion: 4 })
  assert.deepEqual(await act('exactly-once', 'cut'), { sessions: 1 })
  await client.expectClosed()
  await act('classic-1', 'cut', 400)
  await admin().delete(`/lab/runs/${run.id}`, 204)
})

test('only who may publish tests runs them, and nobody meddles with the runs of others', async () => {
  const viewer = await admin().key({ role: 'viewer' })
  await viewer.post('/lab/runs', { tests: ['classic-1'] }, 403)
  const tester = await admin().key({ role: 'viewer', grants: ['publish:test'] })
  const run = await begin(tester, 'classic-1')
  const other = await admin().key({ role: 'operator', grants: ['publish:test'] })
  await other.delete(`/lab/runs/${run.id}`, 403)
  await other.get(`/lab/runs/${run.id}/timeline?test=classic-1`, 403)
  await tester.post(`/lab/runs/${run.id}/end`, { reports: [report()] }, 400)
  await tester.delete(`/lab/runs/${run.id}`, 204)
})

test('somebody who begins a fourth run ends the oldest of theirs', async () => {
  const tester = await admin().key({ role: 'viewer', grants: ['publish:test'] })
  const first = await begin(tester, 'classic-4')
  await leaveThings(first, 'classic-4')
  for (let more = 1; more <= 2; more++) await begin(tester, 'classic-4')
  assert.equal(left(first).length, 2)
  await begin(tester, 'classic-4')
  assert.deepEqual(left(first), [])
  await tester.delete(`/lab/runs/${first.id}`, 404)
})

test('what a page has left behind goes after a quarter of an hour', async () => {
  const run = await begin(admin(), 'classic-4')
  await leaveThings(run, 'classic-4')
  broker.leap(RUN_MS + 1)
  const isTold = (line: string): boolean => line.includes('not ended by its page') && line.includes(run.id)
  await broker.until('the run has ended', () => broker.logs.some(isTold))
  assert.deepEqual(left(run), [])
  await admin().delete(`/lab/runs/${run.id}`, 404)
  assert.equal(await retained(run), 0)
})

test('a run goes on over a restart of the broker, and is cleaned up after it', async () => {
  const own = await durableBroker()
  const root = await checkedAdmin(own)
  const run = await begin(root, 'classic-4')
  await subscribeAndLeave(own, `${run.clientIdPrefix}classic-4/sub`, run.topicPrefix, 1)
  await own.restart()
  assert.equal(left(run, own).length, 1)
  own.leap(RUN_MS + 1)
  await own.until('the run has ended', () => left(run, own).length === 0)
})
