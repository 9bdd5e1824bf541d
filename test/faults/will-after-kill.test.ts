// A will outlives the broker's death: it is published after the restart, however soon its client is back.

import { test } from 'node:test'
import { startBroker } from '../harness/broker.ts'
import { RawClient } from '../harness/raw-client.ts'

test('publishes the will of a client whose broker was killed, even if it is back at once [MQTT5-3.1.2-8]', async () => {
  const broker = await startBroker({ settings: { store: 'embedded' } })
  const kept = { clean: false, properties: { sessionExpiryInterval: 60 } }
  const will = { topic: 'will/back-at-once', payload: Buffer.from('gone'), qos: 1 as const, retain: false }
  const watcher = await RawClient.connected(broker, { ...kept, clientId: 'watcher' })
  await watcher.subscribe('will/#', 1)
  await RawClient.connected(broker, { ...kept, clientId: 'mortal', will })
  await broker.kill()
  await broker.restart()
  await RawClient.connected(broker, { ...kept, clientId: 'mortal', will })
  const back = await RawClient.connected(broker, { ...kept, clientId: 'watcher' })
  await back.expect('publish', { topic: 'will/back-at-once', payload: 'gone' })
  await broker.stop()
})
