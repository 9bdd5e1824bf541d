// A broker in a process that goes on, whose data directory is taken away: its stop ends, and says what it could not do.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { SystemClock } from '../../server/clock.ts'
import { TopicTable } from '../../server/protocol/topic.ts'
import { EmbeddedStore } from '../../server/store/embedded/embedded-store.ts'
import { InProcessBroker } from '../harness/in-process-broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { subscribeAndLeave } from '../harness/sessions.ts'
import { temporaryDirectory } from '../harness/store-files.ts'
import { ROOMY } from '../store/contract/subject.ts'

const WITHIN_MS = 5_000

test('a stop after the data directory was removed ends with an error, and soon', async () => {
  const dataDirectory = temporaryDirectory()
  const failures: string[] = []
  const store = new EmbeddedStore({
    dataDirectory,
    durability: 'sync',
    bytesMax: 1e9,
    clock: new SystemClock(),
    limits: ROOMY,
    topics: new TopicTable({ topicBytesMax: 65_535, topicLevelsMax: 64 }),
    // The usual one ends the process; here it has to go on.
    fatal: message => failures.push(message),
  })
  const broker = new InProcessBroker({ store: 'embedded', 'data-dir': dataDirectory }, { store })
  await broker.start()
  await subscribeAndLeave(broker, 'away', 'x', 1)
  const publisher = await RawClient.connected(broker)
  await publisher.publish({ topic: 'x', payload: 'kept', qos: 1 })
  rmSync(dataDirectory, { recursive: true })
  publisher.send({ cmd: 'publish', topic: 'x', payload: 'lost', qos: 1, messageId: 7 })
  const began = performance.now()
  await assert.rejects(broker.stop(), /the store has failed: /)
  assert.ok(performance.now() - began < WITHIN_MS, 'the stop took too long')
  assert.equal(failures.length, 1)
  assert.ok(!publisher.waiting.some(packet => packet.cmd === 'puback'), 'nothing was acknowledged')
})
