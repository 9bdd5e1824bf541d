// Packet ids of what the broker sends: never 0, never one in use, all the way round.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PacketId } from '../../../server/protocol/packet.ts'
import { SendingWindow } from '../../../server/session/sending-window.ts'
import type { Entry } from '../../../server/store/store.ts'
import { messageOn } from '../routing/messages.ts'
import { stage } from './stage.ts'

function entry(packetId: number): Entry {
  return {
    message: messageOn('t'),
    qos: 1,
    retain: false,
    subscriptionIdentifiers: undefined,
    sharedFilter: undefined,
    packetId: packetId as PacketId,
    at: 'published',
    sentAt: undefined,
  }
}

test('ids go from 1 to 65,535 and begin again at 1 [MQTT5-2.2.1-4]', async () => {
  const { session } = await stage()
  for (let expected = 1; expected <= 65_535; expected++) {
    const packetId = session.nextPacketId()
    if (packetId !== expected) assert.equal(packetId, expected)
  }
  assert.equal(session.nextPacketId(), 1)
})

test('ids in use are passed over, at the end of the range too [MQTT5-2.2.1-4] [MQTT3-2.3.1-4]', async () => {
  const { session } = await stage()
  const used = [1, 2, 3, 5, 65_534, 65_535]
  session.sending = new SendingWindow()
  for (const packetId of used) session.sending.add(entry(packetId))
  assert.equal(session.nextPacketId(), 4)
  assert.equal(session.nextPacketId(), 6)
  for (let packetId = 6; packetId < 65_533; ) packetId = session.nextPacketId()
  assert.equal(session.nextPacketId(), 4)
})

test('with one id free in the whole range, that one is found', async () => {
  const { session } = await stage()
  session.sending = new SendingWindow()
  for (let packetId = 1; packetId <= 65_535; packetId++) {
    if (packetId !== 40_000) session.sending.add(entry(packetId))
  }
  assert.equal(session.nextPacketId(), 40_000)
  assert.equal(session.nextPacketId(), 40_000)
})

test('ids go on from connection to connection, so that a late acknowledgement meets no new message', async () => {
  const made = await stage()
  made.reconnect()
  made.enqueue('1')
  made.session.sending = undefined
  made.reconnect()
  made.enqueue('2')
  assert.deepEqual(made.outlet.take(), ['2 1 2'])
})
