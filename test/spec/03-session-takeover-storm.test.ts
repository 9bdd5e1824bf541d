// Many connections with one client identifier at the same moment: one session, one winner, and everybody else is told.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { persistent, resume } from '../harness/sessions.ts'

const broker = brokerForFile()

const CLIENTS = 100

async function openMany(protocolVersion: (typeof protocolVersions)[number]): Promise<RawClient[]> {
  return Promise.all(
    Array.from({ length: CLIENTS }, (_, index) =>
      RawClient.open(broker, { protocolVersion, transport: index % 10 === 0 ? 'websocket' : 'tcp' }),
    ),
  )
}

/** Waits until all but one have ended, and returns that one. */
async function survivor(clients: readonly RawClient[]): Promise<RawClient> {
  const deadline = performance.now() + 5000
  for (;;) {
    const alive = clients.filter(client => client.ending === undefined)
    if (alive.length <= 1 || performance.now() > deadline) {
      assert.equal(alive.length, 1, `${alive.length} connections are left`)
      return alive[0] as RawClient
    }
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

for (const protocolVersion of protocolVersions) {
  for (const kind of ['persistent', 'clean'] as const) {
    const tags = '[MQTT5-3.1.4-3] [MQTT3-3.1.4-2]'
    test(`ends ${CLIENTS} ${kind} CONNECTs of one id at once in one session, version ${protocolVersion} ${tags}`, async () => {
      const clientId = `storm-${kind}-${protocolVersion}`
      const clients = await openMany(protocolVersion)
      const fields = kind === 'persistent' ? persistent(clientId) : { clientId, clean: true }
      for (const client of clients) client.sendConnect(fields)
      const winner = await survivor(clients)
      let sessionsFound = 0
      for (const client of clients) {
        const connack = await client.expect('connack')
        assert.equal(connack.returnCode ?? connack.reasonCode, 0)
        if (connack.sessionPresent) sessionsFound++
        if (client !== winner) await client.expectDisconnect('session-taken-over')
      }
      // Only the first CONNECT made the session; a clean one makes its own each time. 3.1 cannot say.
      if (protocolVersion > 3) assert.equal(sessionsFound, kind === 'persistent' ? CLIENTS - 1 : 0)
      await winner.subscribe(clientId, 1)
      await winner.publish({ topic: clientId, payload: 'to the one', qos: 1 })
      const publish = await winner.expect('publish', { payload: 'to the one', qos: 1 })
      winner.send({ cmd: 'puback', messageId: publish.messageId })
      await winner.ping()
    })
  }

  test(`loses no message of the session in a storm of version ${protocolVersion} [MQTT5-3.1.4-3] [MQTT3-4.1.0-1]`, async () => {
    const clientId = `storm-messages-${protocolVersion}`
    const first = await resume(broker, clientId, { protocolVersion })
    await first.subscribe(clientId, 1)
    const publisher = await RawClient.connected(broker)
    const clients = (await openMany(protocolVersion)).slice(0, 20)
    for (const [index, client] of clients.entries()) {
      client.sendConnect(persistent(clientId))
      await publisher.publish({ topic: clientId, payload: `${index}`, qos: 1 })
    }
    const winner = await survivor(clients)
    await winner.expect('connack')
    const received = new Set<string>()
    while (received.size < clients.length) {
      const publish = await winner.expect('publish')
      received.add(publish.payload.toString())
      winner.send({ cmd: 'puback', messageId: publish.messageId })
    }
    await winner.ping()
  })
}
