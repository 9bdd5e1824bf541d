// An operation whose broker is killed again and again: each item ends with what really became of it, and comes back.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { AdminClient, PASSWORD, sameOrigin } from '../harness/admin-client.ts'
import { startBroker, type TestBroker } from '../harness/broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { payloads, resume, subscribeAndLeave } from '../harness/sessions.ts'

const SESSIONS = 90
const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url))

/** With a key, which outlives the process. */
async function admin(broker: TestBroker): Promise<AdminClient> {
  const output = execFileSync(process.execPath, [main, 'setup-link', '--data-dir', broker.dataDirectory], {
    encoding: 'utf8',
  })
  const token = /#token=([\w-]+)/.exec(output)?.[1]
  const nobody = new AdminClient(broker.httpUrl)
  const made = await nobody.post('/auth/setup', { token, name: 'root', password: PASSWORD }, sameOrigin)
  assert.equal(made.status, 200, made.text)
  const cookie = (made.headers.getSetCookie()[0] ?? '').split(';', 1)[0]!
  const key = await nobody.with({ cookie, ...sameOrigin }).post('/keys', { name: 'test', role: 'admin' })
  assert.equal(key.status, 201, key.text)
  return nobody.with({ authorization: `Bearer ${key.body.key}` })
}

async function ended(client: AdminClient, id: string) {
  for (let count = 0; count < 500; count++) {
    const { body } = await client.get(`/operations/${id}`)
    if (body.state !== 'running') return body
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error('the operation has not ended')
}

test('killed three times in the middle of a clean, the operation ends, and all of it can be taken back', async () => {
  const broker = await startBroker({ settings: { store: 'embedded' } })
  const client = await admin(broker)
  for (let at = 0; at < SESSIONS; at++) await subscribeAndLeave(broker, `killed-${at}`, 'killed', 1)
  const publisher = await RawClient.connected(broker)
  await publisher.publish({ topic: 'killed', payload: 'kept', qos: 1 })
  const plan = await client.post('/plans', {
    action: 'clean',
    filter: 'id:killed-*',
    options: { ratePerSecond: 40 },
  })
  assert.deepEqual([plan.body.count, plan.body.messagesLost], [SESSIONS, SESSIONS], plan.text)
  const begun = await client.post(
    `/plans/${plan.body.id}/execute`,
    { reason: 'to be killed', confirmCount: SESSIONS },
    { 'if-match': plan.body.digest, 'idempotency-key': 'kill' },
  )
  assert.equal(begun.status, 202, begun.text)
  for (const aliveMs of [437, 390, 455]) {
    await new Promise(resolve => setTimeout(resolve, aliveMs))
    await broker.kill()
    await broker.restart()
  }
  const operation = await ended(client, begun.body.id)
  assert.deepEqual([operation.ok, operation.skipped, operation.failed], [SESSIONS, 0, 0])
  const items = await client.get(`/operations/${operation.id}/items?limit=1000`)
  for (const item of items.body.data)
    assert.deepEqual([item.status, item.tombstone], ['ok', `${operation.id}-${item.number}`])
  const undo = await client.post(`/operations/${operation.id}/undo`, {})
  assert.equal(undo.status, 202, undo.text)
  assert.equal((await ended(client, undo.body.id)).ok, SESSIONS)
  for (const at of [0, 13, 44, SESSIONS - 1]) {
    const back = await resume(broker, `killed-${at}`)
    assert.deepEqual(await payloads(back, 1), ['kept'])
    await back.disconnect()
  }
  await broker.stop()
})
