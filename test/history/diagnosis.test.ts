import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holdClient } from '../../server/broker/operations/hold.ts'
import { diagnose } from '../../server/read-model/history/diagnosis/diagnose.ts'
import { DEFAULT_THRESHOLDS } from '../../server/read-model/history/diagnosis/facts.ts'
import { gatherFacts } from '../../server/read-model/history/diagnosis/gather.ts'
import type { Diagnosis } from '../../shared/diagnosis.ts'
import { ANA, operatedBrokerForFile } from '../harness/operated-broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { resume, subscribeAndLeave } from '../harness/sessions.ts'

const MINUTE = 60_000
const broker = operatedBrokerForFile({ 'queue-messages-max': 10 })

async function diagnosisOf(clientId: string): Promise<Diagnosis> {
  const { broker: running, history } = broker.running
  return diagnose(await gatherFacts(running, history, broker.session(clientId), DEFAULT_THRESHOLDS))
}

async function publish(topic: string, count: number): Promise<void> {
  const client = await RawClient.connected(broker)
  for (let index = 0; index < count; index++) await client.publish({ topic, payload: `${index}`, qos: 1 })
  await client.disconnect()
}

test('an offline session of a 3.1.1 client with a full queue', async () => {
  await subscribeAndLeave(broker, 'full', 'full', 1, { protocolVersion: 4 })
  await publish('full', 12)
  broker.leap(2 * MINUTE)
  const { headline, sentence, facts } = await diagnosisOf('full')
  assert.equal(headline, 'queue-full')
  assert.match(
    sentence,
    // Since when is known once the table has looked, a quarter of a second later at most.
    /^Offline for 2 min\. Queue full(?: since .{17} UTC)? \(10 messages\); 2 oldest messages dropped to make room\. Expires in 7 d by broker policy; MQTT 3\.1\.1 clients cannot ask for an expiry\.$/,
  )
  assert.ok(facts.some(fact => fact.code === 'messages-lost'))
})

test('a client that does not acknowledge, on one connection and over several', async () => {
  await subscribeAndLeave(broker, 'silent', 'silent', 1)
  await publish('silent', 3)
  const client = await resume(broker, 'silent', { autoAck: false })
  await client.collect(3)
  assert.equal((await diagnosisOf('silent')).headline, 'online-healthy')
  broker.leap(16 * MINUTE)
  const stuck = await diagnosisOf('silent')
  assert.equal(stuck.headline, 'head-unacknowledged')
  assert.match(stuck.sentence, /has not been acknowledged for 16 min\./)
  assert.deepEqual(stuck.actions, ['disconnect', 'remove-message', 'clean'])
  for (let round = 0; round < 3; round++) {
    const again = await resume(broker, 'silent', { autoAck: false })
    await again.collect(3)
    again.destroy()
    await broker.until('it is offline', () => broker.session('silent').attachment === undefined)
  }
  const offline = await diagnosisOf('silent')
  assert.equal(offline.headline, 'head-unacknowledged')
  assert.match(offline.sentence, /over 3 reconnects/)
})

test('a client that is held and was disconnected', async () => {
  await subscribeAndLeave(broker, 'held', 'held', 1)
  await holdClient(broker.parts, { clientId: 'held', seconds: 60, by: ANA })
  const { headline, actions } = await diagnosisOf('held')
  assert.equal(headline, 'held')
  assert.deepEqual(actions, ['release-hold'])
})

test('clients that fight', async () => {
  for (let round = 0; round < 4; round++) await resume(broker, 'fought-over')
  const { headline, sentence } = await diagnosisOf('fought-over')
  assert.equal(headline, 'takeover-conflict')
  assert.match(sentence, /Two clients use this client id .* 3 times in the last minute\./)
})

test('how fast a queue fills is known from the steps it has passed', async () => {
  await subscribeAndLeave(broker, 'filling', 'filling', 1, { protocolVersion: 4 })
  await publish('filling', 1)
  // The steps are told when the table looks: now, and not some time later.
  broker.running.table.fold()
  broker.leap(120 * MINUTE)
  await publish('filling', 4)
  broker.running.table.fold()
  const { headline, sentence } = await diagnosisOf('filling')
  assert.equal(headline, 'queue-filling')
  assert.match(
    sentence,
    /5 of 10 messages waiting; at today's rate full in 2 h, then the oldest are dropped\./,
  )
})

test('a client that does not release what it has sent at QoS 2', async () => {
  const client = await RawClient.connected(broker, {
    clientId: 'unreleased',
    protocolVersion: 4,
    keepalive: 0,
  })
  for (const messageId of [1, 2]) {
    client.send({
      cmd: 'publish',
      topic: 'unreleased',
      payload: 'x',
      qos: 2,
      messageId,
      dup: false,
      retain: false,
    })
    await client.expect('pubrec', { messageId })
  }
  broker.leap(14 * MINUTE)
  assert.equal((await diagnosisOf('unreleased')).headline, 'online-healthy')
  broker.leap(2 * MINUTE)
  const { headline, sentence, actions } = await diagnosisOf('unreleased')
  assert.equal(headline, 'release-missing')
  assert.match(sentence, /It has sent 2 messages of QoS 2 and not released them \(PUBREL\) for 16 min\./)
  assert.ok(actions.includes('disconnect'))
  client.send({ cmd: 'pubrel', messageId: 1 })
  await client.expect('pubcomp', { messageId: 1 })
  assert.notEqual((await diagnosisOf('unreleased')).headline, 'release-missing')
})
