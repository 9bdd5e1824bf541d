// Attaching while the store takes its time: limits hold, and what happens to the session meanwhile counts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Broker } from '../../../server/broker/broker.ts'
import { loadSettings } from '../../../server/config/load.ts'
import { ConnectionFacts } from '../../../server/events/connection-facts.ts'
import type { Fault } from '../../../server/protocol/fault.ts'
import type { Connect } from '../../../server/protocol/packet.ts'
import { TopicTable } from '../../../server/protocol/topic.ts'
import type { Attachment } from '../../../server/session/attachment.ts'
import { SlowStore } from '../../harness/slow-store.ts'
import { WrittenOutlet } from '../session/stage.ts'

interface Staged {
  readonly broker: Broker
  readonly store: SlowStore
}

async function staged(...flags: readonly string[]): Promise<Staged> {
  const loaded = loadSettings({ argv: flags, environment: {}, workingDirectory: '/', readFile: () => '' })
  assert.ok('settings' in loaded)
  const { settings } = loaded
  const store = new SlowStore()
  const clock = { now: () => 1_000 }
  const topics = new TopicTable(settings)
  const broker = new Broker({ settings, clock, emit: () => undefined, durable: store, topics })
  await broker.open()
  return { broker, store }
}

const CONNECTION = new ConnectionFacts({
  protocolVersion: 5,
  cleanStart: false,
  keepAliveSeconds: 0,
  transport: 'tcp',
  address: '127.0.0.1',
  port: 1,
  origin: undefined,
  userAgent: undefined,
  path: undefined,
})

const CONNECT: Connect = {
  type: 'connect',
  protocolVersion: 5,
  cleanStart: false,
  keepAliveSeconds: 0,
  clientId: '',
  username: undefined,
  password: undefined,
  will: undefined,
  properties: { sessionExpiryIntervalSeconds: 100 },
}

/** Resolves with the attachment, or with why there is none. */
async function attach(
  broker: Broker,
  clientId: string,
  connect: Connect = CONNECT,
): Promise<Attachment | Fault> {
  let attachment: Attachment | undefined
  const refusal = await broker.attach({
    connect,
    clientId,
    owner: '',
    outlet: new WrittenOutlet(),
    sendQuota: 10,
    connection: CONNECTION,
    hasEnded: () => false,
    attached: result => {
      attachment = result.attachment
    },
  })
  assert.ok(refusal ?? attachment)
  return (refusal ?? attachment)!
}

function faultOf(result: Attachment | Fault): string | undefined {
  return 'fault' in result ? result.fault : undefined
}

test('sessions-max holds for clients that come at the same moment', async () => {
  const { broker } = await staged('--sessions-max', '2')
  const results = await Promise.all(['a', 'b', 'c', 'd'].map(clientId => attach(broker, clientId)))
  assert.deepEqual(results.map(faultOf), [undefined, undefined, 'quota-exceeded', 'quota-exceeded'])
  assert.equal(broker.parts.registry.count, 2)
  await broker.close()
})

test('a place that a refused client was to have is free again', async () => {
  const { broker, store } = await staged('--sessions-max', '1')
  store.pace('refuse', 'attach')
  assert.equal(faultOf(await attach(broker, 'a')), 'store-unavailable')
  store.pace('pass', 'attach')
  assert.equal(faultOf(await attach(broker, 'b')), undefined)
  await broker.close()
})

test('a session that is ended while its client comes back is not opened', async () => {
  const { broker, store } = await staged()
  const first = await attach(broker, 'a')
  assert.ok('session' in first)
  broker.detach(first, { cause: 'socket', detail: 'gone', will: 'publish' })
  store.pace('hold', 'attach')
  const returning = attach(broker, 'a')
  const [waiting] = await store.waitFor('attach')
  broker.endSession(first.session)
  waiting?.settle()
  assert.equal(faultOf(await returning), 'administrative-action')
  assert.equal(broker.parts.registry.connected, 0)
  store.pace('pass', 'attach')
  const anew = await attach(broker, 'a')
  assert.ok('session' in anew)
  assert.notEqual(anew.session, first.session)
  await broker.close()
})

/** Of a client that wants nothing kept: its new session lives on the heap, whatever the store is doing. */
const ANEW: Connect = { ...CONNECT, cleanStart: true, properties: { sessionExpiryIntervalSeconds: 0 } }

/** The end of the former session is held back from the disk: it is let go once it was seen that `starting` waits for it. */
async function expectToWaitForEnd(store: SlowStore, starting: Promise<Attachment | Fault>): Promise<void> {
  let isAnswered = false
  void starting.then(() => {
    isAnswered = true
  })
  const [ending] = await store.waitFor('end')
  await new Promise(setImmediate)
  assert.equal(isAnswered, false)
  ending?.settle()
  assert.ok('session' in (await starting))
}

test('a client that starts anew waits until its former session has left the disk [MQTT5-3.1.2-4]', async () => {
  const { broker, store } = await staged()
  const first = await attach(broker, 'a')
  assert.ok('session' in first)
  broker.detach(first, { cause: 'socket', detail: 'gone', will: 'publish' })
  store.pace('hold', 'end')
  await expectToWaitForEnd(store, attach(broker, 'a', ANEW))
  await broker.close()
})

test('so does one whose former session ended just before', async () => {
  const { broker, store } = await staged()
  const first = await attach(broker, 'a')
  assert.ok('session' in first)
  store.pace('hold', 'end')
  broker.detach(first, { cause: 'client', detail: 'DISCONNECT', will: 'discard', expirySeconds: 0 })
  await expectToWaitForEnd(store, attach(broker, 'a', { ...ANEW, cleanStart: false }))
  await broker.close()
})

test('it is refused when its former session cannot leave the disk', async () => {
  const { broker, store } = await staged()
  const first = await attach(broker, 'a')
  assert.ok('session' in first)
  broker.detach(first, { cause: 'socket', detail: 'gone', will: 'publish' })
  store.pace('refuse', 'end')
  assert.equal(faultOf(await attach(broker, 'a', ANEW)), 'store-unavailable')
  assert.equal(broker.parts.registry.count, 0)
  await broker.close()
})
