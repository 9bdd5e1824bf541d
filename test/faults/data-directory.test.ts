// One data directory, one broker: a second is refused, the first unharmed, and a killed one leaves no lock behind.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type BrokerOptions, startBroker, TestBroker } from '../harness/broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { payloads, resume, subscribeAndLeave } from '../harness/sessions.ts'
import { temporaryDirectory, withTables } from '../harness/store-files.ts'

const settings = { store: 'embedded' }

/** The error that the broker logs before it ends with exit code 1. */
async function refusal(options: BrokerOptions): Promise<string> {
  const broker = new TestBroker({ settings, ...options })
  await assert.rejects(broker.start(), /the broker exited with code 1/)
  assert.deepEqual(
    broker.errors.map(line => line.msg),
    ['cannot start'],
  )
  return String(broker.errors[0]?.['reason'])
}

test('a second broker on the same data directory is refused, and the first goes on', async () => {
  const broker = await startBroker({ settings })
  const { dataDirectory } = broker
  await subscribeAndLeave(broker, 'a', 'x', 1)
  const publisher = await RawClient.connected(broker)
  await publisher.publish({ topic: 'x', payload: 'before', qos: 1 })
  for (let attempt = 0; attempt < 2; attempt++) {
    assert.match(
      await refusal({ dataDirectory }),
      /holdfast\.db is in use by another Holdfast: stop that one/,
    )
  }
  await publisher.publish({ topic: 'x', payload: 'after', qos: 1 })
  assert.deepEqual(await payloads(await resume(broker, 'a', { autoAck: true }), 2), ['before', 'after'])
  assert.deepEqual(await broker.stop(), { code: 0, signal: null })
})

test('a broker that was killed leaves no lock behind, and what it had acknowledged', async () => {
  const broker = await startBroker({ settings })
  const { dataDirectory } = broker
  await subscribeAndLeave(broker, 'a', 'x', 1)
  await (await RawClient.connected(broker)).publish({ topic: 'x', payload: 'kept', qos: 1 })
  await broker.kill()
  const next = await startBroker({ settings, dataDirectory })
  assert.deepEqual(await payloads(await resume(next, 'a'), 1), ['kept'])
  assert.deepEqual(await next.stop(), { code: 0, signal: null })
})

test('what is no store of this version is refused with its path and what can be done', async () => {
  const dataDirectory = temporaryDirectory()
  writeFileSync(join(dataDirectory, 'holdfast.db'), 'this is no database\n'.repeat(50))
  assert.match(
    await refusal({ dataDirectory }),
    /holdfast\.db is not a Holdfast store, or its first page is destroyed/,
  )

  const newer = await startBroker({ settings })
  await newer.stop()
  withTables(newer.dataDirectory, database => database.exec("UPDATE meta SET value = '99'"))
  assert.match(
    await refusal({ dataDirectory: newer.dataDirectory }),
    /written by a newer Holdfast \(store version 99; this one knows 2\): use that one/,
  )
})

test('a data directory that cannot be made is refused with its path', async () => {
  const parent = temporaryDirectory()
  writeFileSync(join(parent, 'file'), '')
  assert.match(
    await refusal({ dataDirectory: join(parent, 'file', 'data') }),
    /file\/data\/holdfast\.db cannot be/,
  )
  mkdirSync(join(parent, 'data', 'holdfast.db'), { recursive: true })
  assert.match(
    await refusal({ dataDirectory: join(parent, 'data') }),
    /holdfast\.db cannot be read or written/,
  )
})
