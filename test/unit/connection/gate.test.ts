// The gate before a client's answers: in order, not before they are safe, and without memory of what has passed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Gate, type Held } from '../../../server/connection/gate.ts'
import { fault } from '../../../server/protocol/fault.ts'
import type { PacketId } from '../../../server/protocol/packet.ts'
import { SAFE, Ticket } from '../../../server/store/ticket.ts'

function answer(packetId: number): Held {
  return { type: 'puback', packetId: packetId as PacketId, code: 0, properties: {} }
}

function packetIdOf(held: Held): number {
  return 'packetId' in held ? held.packetId : 0
}

test('lets answers pass in their order, whatever order their tickets settle in [MQTT3-4.6.0-6]', () => {
  const passed: number[] = []
  const gate = new Gate(held => passed.push(packetIdOf(held)))
  const tickets = Array.from({ length: 6 }, () => new Ticket())
  for (const [index, ticket] of tickets.entries()) gate.hold(ticket, answer(index))
  for (const index of [3, 1, 2]) tickets[index]?.settle('safe')
  assert.deepEqual(passed, [])
  tickets[0]?.settle('safe')
  assert.deepEqual(passed, [0, 1, 2, 3])
  assert.equal(gate.length, 2)
  tickets[5]?.settle(fault('store-unavailable', 'full'))
  tickets[4]?.settle('safe')
  assert.deepEqual(passed, [0, 1, 2, 3, 4, 5])
  assert.ok(gate.isOpen)
})

test('lets what has settled pass at once when nothing is before it, and else in its turn', () => {
  const passed: string[] = []
  const gate = new Gate((held, ticket) =>
    passed.push(`${packetIdOf(held)}${ticket.isSafe ? '' : ' refused'}`),
  )
  const refused = new Ticket(fault('store-unavailable', 'full'))
  gate.hold(SAFE, answer(1))
  gate.hold(refused, answer(2))
  assert.deepEqual(passed, ['1', '2 refused'])
  const slow = new Ticket()
  gate.hold(slow, answer(3))
  gate.hold(SAFE, answer(4))
  gate.hold(refused, answer(5))
  assert.deepEqual(passed, ['1', '2 refused'])
  slow.settle('safe')
  assert.deepEqual(passed, ['1', '2 refused', '3', '4', '5 refused'])
})

test('lets nothing pass once it is cleared', () => {
  const gate = new Gate(() => assert.fail('an answer has passed'))
  const ticket = new Ticket()
  gate.hold(ticket, answer(1))
  gate.clear()
  ticket.settle('safe')
  assert.ok(gate.isOpen)
})

test('keeps nothing of what has passed, though something always waits', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  let passed = 0
  const gate = new Gate(() => {
    passed++
  })
  const early: WeakRef<Held>[] = []
  let last = new Ticket()
  gate.hold(last, answer(0))
  for (let count = 1; count <= 10_000; count++) {
    const next = new Ticket()
    const held = answer(count)
    if (count <= 5_000) early.push(new WeakRef(held))
    gate.hold(next, held)
    last.settle('safe')
    last = next
  }
  assert.equal(passed, 10_000)
  // References that were made in this turn are held until its end.
  await new Promise<void>(resolve => setImmediate(resolve))
  collectGarbage()
  assert.equal(early.filter(one => one.deref() !== undefined).length, 0)
  // After the collection, so that the gate itself is not collected with all it holds.
  assert.equal(gate.length, 1)
})
