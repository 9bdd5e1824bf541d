// Hold: a client identifier is refused for a while, with or without a session, and the hold ends by itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type HoldRequest, holdClient, releaseHold } from '../../server/broker/operations/hold.ts'
import { HOLDS_MAX } from '../../server/limits.ts'
import { ANA, operatedBrokerForFile } from '../harness/operated-broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { persistent, resume, subscribeAndLeave } from '../harness/sessions.ts'

const broker = operatedBrokerForFile()

function hold(clientId: string, options: Partial<HoldRequest> = {}) {
  return holdClient(broker.parts, { clientId, by: ANA, ...options })
}

for (const protocolVersion of protocolVersions) {
  test(`a held client hears why, and comes in when the time is up, version ${protocolVersion}`, async () => {
    const clientId = `held-${protocolVersion}`
    await subscribeAndLeave(broker, clientId, clientId, 1, { protocolVersion })
    assert.equal((await hold(clientId)).at, 'held')
    const refused = await RawClient.open(broker, { protocolVersion })
    const connack = await refused.connect(persistent(clientId))
    assert.equal(connack.returnCode ?? connack.reasonCode, protocolVersion === 5 ? 0x88 : 0x03)
    if (protocolVersion === 5) {
      const told = connack.properties?.reasonString ?? ''
      assert.match(
        told,
        /^an operator keeps this client identifier out until \d+ \w+ \d{4} \d\d:\d\d:\d\d UTC$/,
      )
      assert.doesNotMatch(told, /4411/)
    }
    await refused.expectClosed()
    assert.equal(broker.event('connect-refused', clientId).fault, 'client-held')
    broker.leap(30_000)
    await broker.until('the hold ends', () => broker.parts.holds.find(clientId) === undefined)
    assert.equal(broker.event('hold-released', clientId).by, undefined)
    const back = await RawClient.open(broker, { protocolVersion })
    assert.equal((await back.connect(persistent(clientId))).sessionPresent, protocolVersion > 3)
  })
}

test('a client identifier without a session is held as well, and released', async () => {
  await hold('stranger', { seconds: 600 })
  const refused = await RawClient.open(broker)
  assert.equal((await refused.connect({ clientId: 'stranger' })).reasonCode, 0x88)
  const released = await releaseHold(broker.parts, { clientId: 'stranger', by: ANA })
  assert.equal(released.at, 'released')
  assert.deepEqual(broker.event('hold-released', 'stranger').by, ANA)
  await RawClient.connected(broker, { clientId: 'stranger' })
  assert.deepEqual(await releaseHold(broker.parts, { clientId: 'stranger', by: ANA }), { at: 'not-held' })
})

test('an open connection stays, and nobody takes it over while the hold lasts', async () => {
  const inside = await resume(broker, 'inside')
  const { version } = broker.session('inside')
  const held = await hold('inside', { seconds: 60 })
  assert.ok(held.at === 'held' && held.will === undefined)
  assert.ok(broker.session('inside').version > version)
  const other = await RawClient.open(broker)
  assert.equal((await other.connect(persistent('inside'))).reasonCode, 0x88)
  await inside.ping()
  assert.equal(broker.events('taken-over', 'inside').length, 0)
})

test('a hold that closes the connection says so, and keeps the client out', async () => {
  const client = await resume(broker, 'thrown-out')
  const held = await hold('thrown-out', { closes: { suppressWill: false } })
  assert.ok(held.at === 'held' && held.will === 'none')
  await client.expectDisconnect('administrative-action')
  assert.equal(broker.event('disconnected', 'thrown-out').cause, 'hold')
  const back = await RawClient.open(broker)
  assert.equal((await back.connect(persistent('thrown-out'))).reasonCode, 0x88)
})

test('a later hold takes the place of an earlier one', async () => {
  await hold('twice', { seconds: 600 })
  await hold('twice', { seconds: 1, by: { actor: 'ben', reason: undefined } })
  const [found] = [...broker.parts.holds.all()].filter(one => one.clientId === 'twice')
  assert.equal(found?.by.actor, 'ben')
  assert.equal(found.until - found.since, 1_000)
})

test('a client whose CONNECT waits for its turn is refused by a hold that came first', async () => {
  const client = await RawClient.open(broker)
  const holding = hold('racing')
  const connack = await client.connect(persistent('racing'))
  assert.equal((await holding).at, 'held')
  assert.equal(connack.reasonCode, 0x88)
})

test('a hold is a day at the most, and there are not too many of them', async () => {
  assert.equal((await hold('too-long', { seconds: 86_401 })).at, 'too-long')
  assert.equal((await hold('too-long', { seconds: 0 })).at, 'too-long')
  assert.equal((await hold('too-long', { seconds: Number.NaN })).at, 'too-long')
  assert.equal((await hold('a-day', { seconds: 86_400 })).at, 'held')
  for (let index = broker.parts.holds.count; index < HOLDS_MAX; index++) await hold(`many-${index}`)
  assert.deepEqual(await hold('one-too-many'), { at: 'too-many-holds' })
  assert.equal((await hold('a-day', { seconds: 1 })).at, 'held')
})
