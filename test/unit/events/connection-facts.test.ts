// Facts of a connection: what is kept, what is cut, and that many alike share what they have in common.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectionFacts, remoteFacts } from '../../../server/events/connection-facts.ts'

const BROWSER = {
  protocolVersion: 4,
  cleanStart: false,
  keepAliveSeconds: 60,
  transport: 'websocket',
  address: '10.2.3.4',
  port: 50_000,
  origin: 'https://app.example',
  userAgent: 'Browser/1',
  path: '/mqtt',
} as const

test('all that was given can be read, and written as JSON', () => {
  const facts = new ConnectionFacts(BROWSER)
  assert.deepEqual(JSON.parse(JSON.stringify(facts)), BROWSER)
  const { protocolVersion, cleanStart, keepAliveSeconds, transport, address, port } = facts
  const { origin, userAgent, path } = facts
  const read = { protocolVersion, cleanStart, keepAliveSeconds, transport, address, port }
  assert.deepEqual({ ...read, origin, userAgent, path }, BROWSER)
  assert.equal(facts.description, '10.2.3.4:50000 (https://app.example)')
})

test('connections that differ in address and port alone share the rest', () => {
  const first = new ConnectionFacts(BROWSER)
  const second = new ConnectionFacts({ ...BROWSER, address: '10.2.3.5', port: 1 })
  const other = new ConnectionFacts({ ...BROWSER, keepAliveSeconds: 61 })
  assert.equal(second.profile, first.profile)
  assert.notEqual(other.profile, first.profile)
  assert.equal(second.port, 1)
})

test('what comes with a handshake is cut to what a session may keep, and loses its query', () => {
  const long = 'x'.repeat(10_000)
  const { address, port, transport } = BROWSER
  const remote = { address, port, transport, origin: long, userAgent: long, path: '/mqtt?token=secret' }
  const kept = remoteFacts(remote)
  assert.equal(kept.origin?.length, 512)
  assert.equal(kept.userAgent?.length, 512)
  assert.equal(kept.path, '/mqtt')
})
