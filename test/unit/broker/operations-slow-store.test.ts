// Verbs while the store takes its time: whoever came first is done first, and nobody gets half of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Broker } from '../../../server/broker/broker.ts'
import { cleanSession } from '../../../server/broker/operations/clean.ts'
import { disconnectSession } from '../../../server/broker/operations/disconnect.ts'
import { expireSession } from '../../../server/broker/operations/expire.ts'
import { setExpiry } from '../../../server/broker/operations/expiry.ts'
import { holdClient } from '../../../server/broker/operations/hold.ts'
import { loadSettings } from '../../../server/config/load.ts'
import { ConnectionFacts } from '../../../server/events/connection-facts.ts'
import type { Connect } from '../../../server/protocol/packet.ts'
import { TopicTable } from '../../../server/protocol/topic.ts'
import type { Attachment } from '../../../server/session/attachment.ts'
import { FULL, SlowStore } from '../../harness/slow-store.ts'
import { WrittenOutlet } from '../session/stage.ts'

const BY = { actor: 'ana', reason: undefined }

async function staged(): Promise<{ readonly broker: Broker; readonly store: SlowStore }> {
  const loaded = loadSettings({ argv: [], environment: {}, workingDirectory: '/', readFile: () => '' })
  assert.ok('settings' in loaded)
  const { settings } = loaded
  const store = new SlowStore()
  const clock = { now: () => 1_000 }
  const topics = new TopicTable(settings)
  const broker = new Broker({ settings, clock, emit: () => undefined, durable: store, topics })
  await broker.open()
  return { broker, store }
}

/** Resolves with the attachment, or with the name of the fault. */
async function attach(broker: Broker, clientId: string): Promise<Attachment | string> {
  const connect: Connect = {
    type: 'connect',
    protocolVersion: 5,
    cleanStart: false,
    keepAliveSeconds: 0,
    clientId,
    username: undefined,
    password: undefined,
    will: undefined,
    properties: { sessionExpiryIntervalSeconds: 100 },
  }
  const none = { origin: undefined, userAgent: undefined, path: undefined }
  const remote = { transport: 'tcp', address: '127.0.0.1', port: 1, ...none } as const
  let attachment: Attachment | undefined
  const refusal = await broker.attach({
    connect,
    clientId,
    owner: '',
    outlet: new WrittenOutlet(),
    sendQuota: 10,
    connection: new ConnectionFacts({
      protocolVersion: 5,
      cleanStart: false,
      keepAliveSeconds: 0,
      ...remote,
    }),
    hasEnded: () => false,
    attached: result => {
      attachment = result.attachment
    },
  })
  return refusal?.fault ?? attachment!
}

async function leave(broker: Broker, clientId: string): Promise<void> {
  const attachment = await attach(broker, clientId)
  assert.ok(typeof attachment === 'object')
  broker.detach(attachment, { cause: 'socket', detail: 'gone', will: 'publish' })
}

test('verbs wait for a client that is being let in, and then see what it has become', async () => {
  const { broker, store } = await staged()
  await leave(broker, 'a')
  store.pace('hold', 'attach')
  const returning = attach(broker, 'a')
  const [waiting] = await store.waitFor('attach')
  const target = { clientId: 'a', by: BY }
  const { generation, version } = broker.parts.registry.get('a')!
  const outcomes = Promise.all([
    expireSession(broker.parts, target),
    setExpiry(broker.parts, { ...target, expiry: { at: 9_000 } }),
    cleanSession(broker.parts, { ...target, suppressWill: false, expected: { generation, version } }),
    disconnectSession(broker.parts, { ...target, suppressWill: false }),
    cleanSession(broker.parts, { ...target, suppressWill: false }),
  ])
  waiting?.settle()
  assert.ok(typeof (await returning) === 'object')
  assert.deepEqual(
    (await outcomes).map(one => one.at),
    ['session-connected', 'session-connected', 'session-changed', 'disconnected', 'cleaned'],
  )
  assert.equal(broker.parts.registry.get('a'), undefined)
  await broker.close()
})

test('a hold that comes while a client is being let in keeps out the next one', async () => {
  const { broker, store } = await staged()
  store.pace('hold', 'attach')
  const first = attach(broker, 'a')
  const [waiting] = await store.waitFor('attach')
  const holding = holdClient(broker.parts, { clientId: 'a', by: BY })
  const second = attach(broker, 'a')
  waiting?.settle()
  assert.ok(typeof (await first) === 'object')
  assert.equal((await holding).at, 'held')
  assert.equal(await second, 'client-held')
  assert.equal(broker.parts.registry.connected, 1)
  await broker.close()
})

test('what the disk does not take at the moment is done all the same, and that is said', async () => {
  const { broker, store } = await staged()
  await leave(broker, 'a')
  store.pace('refuse', 'change')
  const target = { clientId: 'a', by: BY }
  const outcome = await setExpiry(broker.parts, { ...target, expiry: { seconds: 50 } })
  assert.ok(outcome.at === 'set')
  assert.equal(outcome.unsafe, FULL.detail)
  assert.equal(broker.parts.registry.get('a')?.expirySeconds, 50)
  await broker.close()
})

test('a verb answers when what it did is safe, not before', async () => {
  const { broker, store } = await staged()
  await leave(broker, 'a')
  store.pace('hold', 'change')
  let isDone = false
  const setting = setExpiry(broker.parts, { clientId: 'a', by: BY, expiry: { seconds: 50 } }).then(() => {
    isDone = true
  })
  const [waiting] = await store.waitFor('change')
  await new Promise(resolve => setImmediate(resolve))
  assert.equal(isDone, false)
  waiting?.settle()
  await setting
  await broker.close()
})
