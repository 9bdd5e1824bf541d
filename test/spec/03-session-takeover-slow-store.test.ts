// Takeovers while the store is still writing: whoever waits for its CONNACK gets it, and then hears that it lost.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as passed } from 'node:timers/promises'
import { MemoryStore } from '../../server/store/memory/memory-store.ts'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { persistent, resume } from '../harness/sessions.ts'

const CLIENTS = 20

/** The first writes take longest, so that later CONNECTs catch up with earlier ones. */
function slowStore(): MemoryStore {
  const store = new MemoryStore({ bytesMax: 1_000_000 })
  const attach = store.attach.bind(store)
  let delayMs = 60
  store.attach = async request => {
    await passed(delayMs)
    delayMs = Math.max(1, delayMs - 3)
    return attach(request)
  }
  return store
}

const broker = inProcessBrokerForFile({}, { store: slowStore() })

for (const protocolVersion of protocolVersions) {
  const tags = '[MQTT5-3.1.4-3] [MQTT5-3.2.0-1] [MQTT3-3.1.4-2] [MQTT3-3.2.0-1]'
  test(`answers ${CLIENTS} CONNECTs of one id that wait for each other, version ${protocolVersion} ${tags}`, async () => {
    const clientId = `slow-${protocolVersion}`
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, () => RawClient.open(broker, { protocolVersion })),
    )
    for (const client of clients) client.sendConnect(persistent(clientId))
    let winners = 0
    for (const client of clients) {
      const connack = await client.expect('connack')
      assert.equal(connack.returnCode ?? connack.reasonCode, 0)
    }
    const barrier = await resume(broker, `barrier-${protocolVersion}`, { protocolVersion })
    await barrier.ping()
    for (const client of clients) {
      if (client.ending === undefined && client.waiting.length === 0) {
        await client.ping()
        winners++
      } else {
        await client.expectDisconnect('session-taken-over')
      }
    }
    assert.equal(winners, 1)
  })

  test(`gives the session to the next when the first has gone meanwhile, version ${protocolVersion}`, async () => {
    const clientId = `gone-${protocolVersion}`
    const owner = await resume(broker, clientId, { protocolVersion })
    await owner.subscribe(clientId, 1)
    const impatient = await RawClient.open(broker, { protocolVersion })
    impatient.sendConnect(persistent(clientId))
    impatient.destroy()
    await owner.expectDisconnect('session-taken-over')
    const patient = await resume(broker, clientId, { protocolVersion })
    await patient.publish({ topic: clientId, payload: 'mine', qos: 1 })
    await patient.expect('publish', { payload: 'mine' })
  })
}

test('never says that a session was left later than it was taken', async () => {
  const clients: RawClient[] = []
  for (let count = 0; count < 5; count++) {
    clients.push(await resume(broker, 'times'))
    const session = broker.running.broker.parts.registry.get('times')
    assert.ok(session)
    assert.ok((session.disconnectedAt ?? 0) <= session.connectedAt)
  }
})
