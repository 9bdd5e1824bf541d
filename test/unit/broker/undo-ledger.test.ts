// The ledger of what can be undone: budget, window, and a store that purges tombstones on its own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { costOf, UndoLedger } from '../../../server/broker/operations/undo-ledger.ts'
import type { BrokerEvent } from '../../../server/events.ts'
import { TOMBSTONE_BYTES } from '../../../server/limits.ts'
import { TimerWheel } from '../../../server/session/timer-wheel.ts'
import { type Stage, stage } from '../session/stage.ts'

interface Scene extends Stage {
  readonly ledger: UndoLedger
  readonly events: BrokerEvent[]
  readonly clock: { at: number; now(): number }
  readonly wheel: TimerWheel
}

async function scene(bytesMax: number): Promise<Scene> {
  const made = await stage()
  const clock = { at: 1_000, now: () => clock.at }
  const wheel = new TimerWheel(clock)
  const events: BrokerEvent[] = []
  const given = { clock, wheel, stores: [made.store], emit: (event: BrokerEvent) => events.push(event) }
  const ledger = new UndoLedger(given, { windowMs: 60_000, bytesMax })
  return Object.assign(made, { ledger, events, clock, wheel })
}

/** Takes what waits out of the queue; undefined when that could not be undone. */
function bury({ ledger, session }: Scene): string | undefined {
  const until = ledger.offer(costOf(session.lease.queue.bytes, 0))
  return until === undefined ? undefined : ledger.bury(session, { what: 'queue', until }).undo.tombstone
}

test('what was offered is kept for the window, and purged then', async () => {
  const made = await scene(1e6)
  made.enqueue('one')
  const id = bury(made)
  assert.ok(id)
  assert.equal(made.ledger.find(id)?.tombstone.purgeAt, 61_000)
  made.clock.at = 60_900
  made.wheel.advance()
  assert.ok(made.ledger.find(id))
  made.clock.at = 61_000
  assert.equal(made.ledger.find(id), undefined)
  made.wheel.advance()
  assert.deepEqual([...made.store.tombstones()], [])
  assert.deepEqual([made.ledger.count, made.ledger.bytes], [0, 0])
  assert.deepEqual(
    made.events.map(event => [event.kind, 'by' in event && event.by]),
    [['purged', undefined]],
  )
})

test('a claim stops the time, and one that is given back goes on', async () => {
  const made = await scene(1e6)
  made.enqueue('one')
  const id = bury(made)!
  const claim = made.ledger.claim(id)
  assert.ok(claim)
  assert.equal(made.ledger.claim(id), undefined)
  made.clock.at = 70_000
  made.wheel.advance()
  assert.equal(made.events.length, 0)
  claim.giveBack()
  made.clock.at = 70_100
  made.wheel.advance()
  assert.equal(made.events.length, 1)
})

test('nothing is offered beyond the budget, and again when a tombstone has gone', async () => {
  const made = await scene(2 * TOMBSTONE_BYTES + 100)
  for (const text of ['one', 'two']) {
    made.enqueue(text)
    assert.ok(bury(made))
  }
  made.enqueue('three')
  assert.equal(bury(made), undefined)
  const [first] = made.ledger.all()
  made.ledger.purge(first!.id, { actor: 'ana', reason: undefined })
  assert.ok(bury(made))
})

test('room that a full store has made by itself is seen', async () => {
  const made = await scene(2 * TOMBSTONE_BYTES + 100)
  for (const text of ['one', 'two']) {
    made.enqueue(text)
    assert.ok(bury(made))
  }
  made.enqueue('three')
  assert.equal(bury(made), undefined)
  for (const { id } of [...made.store.tombstones()]) made.store.purge(id)
  // It does not look again at once: with a spent budget each act would go through all tombstones.
  assert.equal(bury(made), undefined)
  made.clock.at += 1_000
  assert.ok(bury(made))
  assert.equal(made.ledger.count, 1)
})

test('tombstones of an earlier process are taken up', async () => {
  const made = await scene(1e6)
  made.enqueue('one')
  const id = bury(made)!
  const { clock, wheel, store } = made
  const later = new UndoLedger({ clock, wheel, stores: [store], emit: () => undefined }, made.ledger.limits)
  later.open()
  assert.equal(later.find(id)?.tombstone.messages, 1)
  assert.equal(later.bytes, made.ledger.bytes)
})
