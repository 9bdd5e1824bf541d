// What an earlier connection left in flight: sent again first, under its ids, within the new window.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PacketId } from '../../../server/protocol/packet.ts'
import { onPubcomp, onPubrec } from '../../../server/session/deliver.ts'
import { start } from '../../../server/session/pump.ts'
import { finish, type Stage, stage } from './stage.ts'

/** PUBREC, as the performer of steps carries it out. */
function release(made: Stage, packetId: number): void {
  const step = onPubrec(made.attachment, packetId as PacketId, 0)
  if (step.persist?.change === 'release') made.store.release(made.session.lease, step.persist.entry)
}

function complete(made: Stage, packetId: number): void {
  const step = onPubcomp(made.attachment, packetId as PacketId)
  if (step.persist?.change === 'finish') made.store.acknowledge(made.session.lease, step.persist.entry)
  made.wake('acknowledged')
}

test('sends in flight again first, with DUP and under its id, then the queue [MQTT5-4.4.0-1] [MQTT3-4.4.0-1]', async () => {
  const made = await stage({ sendQuota: 2 })
  made.enqueue('1', '2', '3')
  start(made.attachment, made.context)
  made.outlet.take()
  made.reconnect(10)
  assert.deepEqual(made.outlet.take(), ['1 1 1 dup', '2 1 2 dup', '3 1 3'])
})

test('owes PUBREL, not PUBLISH, after PUBREC, in the old order [MQTT5-4.4.0-1] [MQTT5-4.3.3-6]', async () => {
  const made = await stage()
  made.enqueueAt(2, '1', '2', '3')
  start(made.attachment, made.context)
  release(made, 2)
  made.reconnect()
  assert.deepEqual(made.outlet.take(), ['1 2 1 dup', 'pubrel 2', '3 2 3 dup'])
  assert.equal(made.session.sending?.get(2 as PacketId)?.at, 'released')
})

test('a smaller window sends in flight again a part at a time [MQTT5-4.9.0-1] [MQTT5-4.9.0-2]', async () => {
  const made = await stage({ sendQuota: 4 })
  made.enqueue('1', '2', '3', '4', '5')
  start(made.attachment, made.context)
  made.reconnect(1)
  assert.deepEqual(made.outlet.take(), ['1 1 1 dup'])
  for (const [packetId, next] of [
    [1, '2 1 2 dup'],
    [2, '3 1 3 dup'],
    [3, '4 1 4 dup'],
    [4, '5 1 5'],
  ] as const) {
    finish(made, packetId)
    assert.deepEqual(made.outlet.take(), [next])
  }
})

test('a full window holds back PUBLISH only: every PUBREL leaves [MQTT5-3.3.4-10]', async () => {
  const made = await stage()
  made.enqueueAt(2, '1', '2', '3', '4')
  start(made.attachment, made.context)
  release(made, 2)
  release(made, 4)
  made.reconnect(1)
  assert.deepEqual(made.outlet.take().toSorted(), ['1 2 1 dup', 'pubrel 2', 'pubrel 4'])
  release(made, 1)
  for (const packetId of [1, 2, 4]) complete(made, packetId)
  assert.deepEqual(made.outlet.take(), ['3 2 3 dup'], 'no PUBREL a second time')
})

test('what is acknowledged before its turn in the replay is not sent again', async () => {
  const made = await stage({ sendQuota: 3 })
  made.enqueue('1', '2', '3')
  start(made.attachment, made.context)
  made.reconnect(1)
  made.outlet.take()
  finish(made, 2)
  finish(made, 1)
  assert.deepEqual(made.outlet.take(), ['3 1 3 dup'])
})

test('no PUBREL leaves for an exchange that ended while it waited for its turn in the replay', async () => {
  const made = await stage()
  made.enqueueAt(2, '1', '2', '3')
  start(made.attachment, made.context)
  made.outlet.isFull = true
  made.reconnect(1)
  made.outlet.take()
  // The client answers, unasked, what it got on its earlier connection.
  release(made, 3)
  complete(made, 3)
  release(made, 1)
  complete(made, 1)
  assert.deepEqual(made.outlet.take(), ['2 2 2 dup'])
})

test('a replay that is interrupted begins anew on the next connection', async () => {
  const made = await stage({ sendQuota: 3 })
  made.enqueue('1', '2', '3')
  start(made.attachment, made.context)
  made.reconnect(1)
  made.reconnect(3)
  assert.deepEqual(made.outlet.take(), ['1 1 1 dup', '2 1 2 dup', '3 1 3 dup'])
})

test('in flight, a message does not expire between its connections [MQTT5-4.3.3-7]', async () => {
  const made = await stage()
  made.enqueueAt(2, '1')
  start(made.attachment, made.context)
  made.now = 1e15
  made.reconnect()
  assert.deepEqual(made.outlet.take(), ['1 2 1 dup'])
})

test('PUBCOMP for a PUBREL of an earlier connection makes no room for one PUBLISH too many [MQTT5-3.3.4-9]', async () => {
  const made = await stage({ sendQuota: 2 })
  made.enqueueAt(2, '1', '2', '3', '4', '5', '6')
  start(made.attachment, made.context)
  release(made, 1)
  made.reconnect(2)
  assert.deepEqual(made.outlet.take().filter(one => !one.startsWith('pubrel')).length <= 2, true)
  complete(made, 1)
  const published = [...made.session.sending!.values()].filter(entry => entry.at === 'published')
  assert.ok(published.length <= 2, `${published.length} PUBLISH are unacknowledged in a window of 2`)
})

test('a client that never completes its exchanges cannot use up the packet ids', async () => {
  const made = await stage({ sendQuota: 20 })
  made.enqueueAt(2, ...Array.from({ length: 500 }, (_, index) => String(index)))
  start(made.attachment, made.context)
  for (let connection = 0; connection < 10; connection++) {
    for (const entry of made.session.sending!.values())
      if (entry.at === 'published') release(made, entry.packetId)
    made.reconnect(20)
  }
  assert.ok(made.session.sending!.size <= 40, `${made.session.sending!.size} messages are in flight`)
})
