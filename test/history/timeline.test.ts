import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TimelineEntry, TimelineKind } from '../../shared/history.ts'
import { operatedBrokerForFile } from '../harness/operated-broker.ts'
import { RawClient } from '../harness/raw-client.ts'

const broker = operatedBrokerForFile({ 'queue-messages-max': 5 })

async function timelineOf(
  clientId: string,
  kinds?: readonly TimelineKind[],
): Promise<readonly TimelineEntry[]> {
  const page = await broker.history.timeline(clientId, { kinds, limit: 100 })
  return page.data.filter(entry => entry.kind !== 'broker.restart')
}

async function kindsOf(clientId: string): Promise<readonly TimelineKind[]> {
  return (await timelineOf(clientId)).map(entry => entry.kind).reverse()
}

test('a life: connect, subscribe, leave, come back, take over, be refused nothing', async () => {
  const browser = { websocket: { origin: 'http://localhost:8080', headers: { 'User-Agent': 'Chrome/129' } } }
  const first = await RawClient.connected(
    broker,
    { clientId: 'life', clean: false, protocolVersion: 4, keepalive: 30 },
    { transport: 'websocket', ...browser },
  )
  await first.subscribe('orders/#', 1)
  await first.disconnect()
  await broker.until('it is offline', () => broker.session('life').attachment === undefined)
  const second = await RawClient.connected(broker, { clientId: 'life', clean: false, protocolVersion: 4 })
  const third = await RawClient.connected(broker, { clientId: 'life', clean: false, protocolVersion: 4 })
  await second.expectClosed()
  assert.deepEqual(await kindsOf('life'), [
    'created',
    'connect',
    'subscribe',
    'disconnect',
    'connect',
    'takeover',
    'disconnect',
    'connect',
  ])
  const [connect] = (await timelineOf('life', ['connect'])).slice(-1)
  const { generation } = broker.session('life')
  assert.equal(connect?.generation, generation)
  const { port, expirySeconds, ...data } = connect!.data
  assert.ok(Number(port) > 0)
  assert.equal(expirySeconds, 7 * 86_400)
  assert.deepEqual(data, {
    protocolVersion: 4,
    cleanStart: false,
    keepAliveSeconds: 30,
    transport: 'websocket',
    address: '127.0.0.1',
    origin: 'http://localhost:8080',
    userAgent: 'Chrome/129',
    path: '/mqtt',
    sessionPresent: false,
  })
  const [left, gone] = await timelineOf('life', ['disconnect'])
  assert.deepEqual([left?.data['cause'], gone?.data['cause']], ['taken-over', 'client'])
  await third.disconnect()
})
