// Packets as Paho traces them, in words.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wirePacketOf } from '../../../dashboard/paho/wire-packet.ts'

function words(record: string): string {
  const packet = wirePacketOf(record)
  return packet === undefined ? '' : `${packet.to}: ${packet.name} ${packet.words}`.trim()
}

const message = { payloadString: '3', qos: 1, retained: true, duplicate: true }

test('what is sent and what is received', () => {
  const sent = (value: object): string => words(`"Client._socket_send"${JSON.stringify(value)}`)
  const received = (value: object): string => words(`"Client._handleMessage"${JSON.stringify(value)}`)
  assert.equal(sent({ type: 1, cleanSession: false }), 'broker: CONNECT clean session off')
  assert.equal(
    received({ type: 2, returnCode: 0, sessionPresent: true }),
    'client: CONNACK session present: yes',
  )
  assert.equal(received({ type: 2, returnCode: 5 }), 'client: CONNACK refused with code 5')
  assert.equal(
    sent({ type: 8, topics: ['lab/run/classic-4'], requestedQos: [1], messageIdentifier: 1 }),
    'broker: SUBSCRIBE …/classic-4, QoS 1',
  )
  assert.equal(
    received({ type: 9, returnCode: { 0: 2 }, messageIdentifier: 1 }),
    'client: SUBACK QoS 2 granted',
  )
  assert.equal(
    received({ type: 3, payloadMessage: message, messageIdentifier: 9 }),
    'client: PUBLISH “3”, QoS 1, id 9, retain, DUP',
  )
  assert.equal(received({ type: 6, messageIdentifier: 9 }), 'client: PUBREL id 9')
  assert.equal(sent({ type: 14 }), 'broker: DISCONNECT')
})

test('everything else that Paho traces is no packet', () => {
  assert.equal(words('"Client.subscribe""a"{"qos":1}'), '')
  assert.equal(words('"Pinger.doPing""send PINGREQ"'), '')
})
