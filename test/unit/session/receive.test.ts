// The receiving side: QoS 1, QoS 2 with its duplicates, the window of what the client may send, PUBREL.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PacketId, QoS } from '../../../server/protocol/packet.ts'
import { onPublish, onPubrel, owesPubrelSince } from '../../../server/session/receive.ts'
import { Ticket } from '../../../server/store/ticket.ts'
import { messageOn } from '../routing/messages.ts'
import { type Stage, stage } from './stage.ts'

const UNLIMITED = Number.POSITIVE_INFINITY

function publish(made: Stage, qos: QoS, packetId: number, receiveMaximum = UNLIMITED) {
  return onPublish(made.attachment, messageOn('t', { qos }), packetId as PacketId, receiveMaximum)
}

function sent(step: ReturnType<typeof publish>): string {
  return step.send !== undefined && 'code' in step.send && 'packetId' in step.send
    ? `${step.send.type} ${step.send.packetId} ${step.send.code}`
    : 'nothing'
}

test('QoS 1 is routed and answered with PUBACK, each time anew [MQTT5-4.3.2-4] [MQTT5-4.3.2-5]', async () => {
  const made = await stage()
  for (let count = 0; count < 2; count++) {
    const step = publish(made, 1, 7)
    assert.equal(sent(step), 'puback 7 0')
    assert.equal(step.route?.qos, 1)
    assert.equal(step.persist, undefined)
  }
})

test('QoS 2 is kept, routed and answered with PUBREC [MQTT5-4.3.3-8]', async () => {
  const made = await stage()
  const step = publish(made, 2, 7)
  assert.deepEqual(step.persist, { change: 'keep', packetId: 7 })
  assert.equal(step.route?.qos, 2)
  assert.equal(sent(step), 'pubrec 7 0')
})

test('a repeated QoS 2 PUBLISH is not routed again, and answered when the first is safe [MQTT5-4.3.3-10]', async () => {
  const made = await stage()
  publish(made, 2, 7)
  const first = new Ticket()
  made.session.receiving?.set(7 as PacketId, first)
  const step = publish(made, 2, 7)
  assert.equal(step.route, undefined)
  assert.equal(step.after, first)
  assert.equal(sent(step), 'pubrec 7 0')
  assert.equal(made.attachment.receivingNow, 1)
})

test('the ids of QoS 1 and 2 do not meddle: a QoS 1 PUBLISH under a kept id is a message', async () => {
  const made = await stage()
  publish(made, 2, 7)
  assert.equal(publish(made, 1, 7).route?.qos, 1)
})

test('a duplicate is known on the next connection too [MQTT5-4.3.3-10]', async () => {
  const made = await stage()
  publish(made, 2, 7)
  made.reconnect()
  assert.equal(publish(made, 2, 7).route, undefined)
})

test('after PUBREL the id is free for a new message [MQTT5-4.3.3-12]', async () => {
  const made = await stage()
  publish(made, 2, 7)
  const step = onPubrel(made.attachment, 7 as PacketId, 0)
  assert.deepEqual(step.persist, { change: 'forget', packetId: 7 })
  assert.equal(sent(step), 'pubcomp 7 0')
  assert.equal(publish(made, 2, 7).route?.qos, 2)
})

test('PUBREL for an id nobody knows is answered all the same, and changes nothing [MQTT5-4.3.3-11]', async () => {
  const made = await stage()
  const step = onPubrel(made.attachment, 7 as PacketId, 0)
  assert.equal(step.persist, undefined)
  assert.equal(sent(step), 'pubcomp 7 146')
})

test('one more than the receive maximum ends the connection, routed nowhere [MQTT5-3.3.4-7]', async () => {
  const made = await stage()
  publish(made, 1, 1, 2)
  publish(made, 2, 2, 2)
  const step = publish(made, 1, 3, 2)
  assert.equal(step.close?.fault, 'receive-maximum-exceeded')
  assert.deepEqual([step.route, step.persist, step.send], [undefined, undefined, undefined])
})

test('a repeated QoS 2 PUBLISH takes no second place in a full window', async () => {
  const made = await stage()
  publish(made, 2, 1, 1)
  assert.equal(publish(made, 2, 1, 1).close, undefined)
  assert.equal(publish(made, 2, 2, 1).close?.fault, 'receive-maximum-exceeded')
})

test('the window starts anew with each connection, the kept ids do not', async () => {
  const made = await stage()
  publish(made, 2, 1, 1)
  made.reconnect()
  assert.equal(publish(made, 2, 2, 1).close, undefined)
  assert.deepEqual([...made.session.receiving!.keys()], [1, 2])
})

test('since when the client owes a PUBREL is known of the oldest, and never told too long', async () => {
  const made = await stage()
  assert.equal(owesPubrelSince(made.session), undefined)
  const came = (packetId: number, receivedAt: number): void => {
    onPublish(made.attachment, messageOn('t', { qos: 2, receivedAt }), packetId as PacketId, UNLIMITED)
  }
  came(1, 1_000)
  came(2, 2_000)
  came(3, 3_000)
  assert.equal(owesPubrelSince(made.session), 1_000)
  onPubrel(made.attachment, 2 as PacketId, 4_000)
  assert.equal(owesPubrelSince(made.session), 1_000)
  onPubrel(made.attachment, 1 as PacketId, 5_000)
  assert.equal(owesPubrelSince(made.session), 5_000)
  onPubrel(made.attachment, 3 as PacketId, 6_000)
  assert.equal(owesPubrelSince(made.session), undefined)
  came(4, 7_000)
  assert.equal(owesPubrelSince(made.session), 7_000)
  made.session.connectedAt = 8_000
  made.reconnect()
  assert.equal(owesPubrelSince(made.session), 8_000)
})
