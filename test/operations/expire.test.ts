// Expire now: an offline session ends as it would at its deadline; one with a client does not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expireSession } from '../../server/broker/operations/expire.ts'
import { restoreTombstone } from '../../server/broker/operations/restore.ts'
import { ANA, operatedBrokerForFile } from '../harness/operated-broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { persistent, resume, subscribeAndLeave } from '../harness/sessions.ts'

const broker = operatedBrokerForFile()

function expire(clientId: string) {
  return expireSession(broker.parts, { clientId, by: ANA })
}

for (const protocolVersion of protocolVersions) {
  test(`an offline session is gone, and can be brought back, version ${protocolVersion}`, async () => {
    const clientId = `offline-${protocolVersion}`
    await subscribeAndLeave(broker, clientId, clientId, 1, { protocolVersion })
    const outcome = await expire(clientId)
    assert.ok(outcome.at === 'expired' && outcome.undo !== undefined)
    const { why, by, tombstone } = broker.event('session-ended', clientId)
    assert.deepEqual(
      { why, by, tombstone },
      { why: 'expired-by-operator', by: ANA, tombstone: outcome.undo.tombstone },
    )
    assert.equal(broker.parts.registry.get(clientId), undefined)
    const restored = await restoreTombstone(broker.parts, { id: outcome.undo.tombstone, by: ANA })
    assert.equal(restored.at, 'restored')
    const back = await RawClient.open(broker, { protocolVersion })
    assert.equal((await back.connect(persistent(clientId))).sessionPresent, protocolVersion > 3)
  })
}

test('a delayed will is published as on expiry, once, also when the session comes back and ends again', async () => {
  const ears = await RawClient.connected(broker)
  await ears.subscribe('wills/#', 1)
  const will = {
    topic: 'wills/late',
    payload: Buffer.from('gone'),
    qos: 1,
    retain: false,
    properties: { willDelayInterval: 300 },
  } as const
  const client = await RawClient.connected(broker, { ...persistent('late'), will })
  client.destroy()
  await broker.until('it is offline', () => broker.session('late').attachment === undefined)
  const outcome = await expire('late')
  assert.ok(outcome.at === 'expired' && outcome.undo !== undefined)
  assert.equal(outcome.will, 'published')
  await ears.expect('publish', { topic: 'wills/late' })
  await restoreTombstone(broker.parts, { id: outcome.undo.tombstone, by: ANA })
  assert.equal(broker.session('late').will, undefined)
  const again = await expire('late')
  assert.equal(again.at === 'expired' && again.will, 'none')
  await ears.expectNothingBeforePing()
})

test('a connected session is left alone, and so is none', async () => {
  const client = await resume(broker, 'online')
  assert.deepEqual(await expire('online'), { at: 'session-connected' })
  await client.ping()
  assert.deepEqual(await expire('nobody'), { at: 'no-session' })
})

test('a client that comes back in the same moment wins or finds nothing, and never half a session', async () => {
  for (let round = 0; round < 10; round++) {
    const clientId = `moment-${round}`
    await subscribeAndLeave(broker, clientId, clientId, 1)
    const client = await RawClient.open(broker)
    const connecting = client.connect(persistent(clientId))
    if (round % 2 === 0) await broker.until('it is there', () => broker.parts.registry.connected >= 0)
    const [connack, outcome] = await Promise.all([connecting, expire(clientId)])
    assert.equal(connack.sessionPresent, outcome.at === 'session-connected')
    assert.equal(broker.session(clientId).subscriptions.length, outcome.at === 'session-connected' ? 1 : 0)
  }
})
