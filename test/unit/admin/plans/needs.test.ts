import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Member } from '../../../../server/admin/plans/member.ts'
import { Totals, type UndoRoom } from '../../../../server/admin/plans/totals.ts'
import type { PlanAction } from '../../../../shared/plan.ts'

const OFFLINE: Member = {
  key: 'a',
  generation: 'g',
  connected: false,
  since: 1,
  messages: 0,
  bytes: 0,
  subscriptions: 0,
  will: false,
  blocked: undefined,
  particulars: '',
}
const ROOM: UndoRoom = { windowMs: 900_000, bytesFree: 1_000_000 }

function totals(count: number, member: Partial<Member> = {}, room = ROOM, action: PlanAction = 'clean') {
  const all = new Totals(action, () => '')
  for (let number = 0; number < count; number++) all.add({ ...OFFLINE, ...member, key: `k${number}` }, number)
  return all.result(room, 0)
}

test('the count is to be typed above 20 items, above 1,000 messages, or when one is connected', () => {
  assert.equal(totals(20).needs.typedCount, false)
  assert.equal(totals(21).needs.typedCount, true)
  assert.equal(totals(1, { messages: 1_000 }).needs.typedCount, false)
  assert.equal(totals(1, { messages: 1_001 }).needs.typedCount, true)
  assert.equal(totals(1, { connected: true }).needs.typedCount, true)
})

test('more than 1,000 items need an admin, and what is blocked is not among them', () => {
  assert.equal(totals(1_000).needs.role, 'operator')
  assert.equal(totals(1_001).needs.role, 'admin')
  const blocked = totals(1_001, { blocked: 'protected', messages: 5, connected: true, will: true })
  assert.deepEqual(blocked.needs, { typedCount: false, role: 'operator' })
  assert.equal(blocked.messagesLost, 0)
  assert.equal(blocked.wills, 0)
})

test('the undo is offered for all that fits into its budget, and not promised for a part of it', () => {
  const fits = totals(3, { bytes: 1_000, subscriptions: 2 })
  assert.equal(fits.undo.bytes, 3 * (1_024 + 1_000 + 512))
  assert.equal(fits.undoable, true)
  assert.equal(fits.undoUntil, new Date(900_000).toISOString())
  const over = totals(3, { bytes: 400_000 })
  assert.deepEqual(over.undo, { items: 0, why: 'over-budget', bytes: 3 * 401_024, bytesFree: 1_000_000 })
  assert.equal(over.undoable, false)
  assert.equal(over.undoUntil, null)
})

test('the undo is not offered where there is none, and the plan says why', () => {
  assert.equal(totals(3, {}, { windowMs: undefined, bytesFree: 1e9 }).undo.why, 'off')
  assert.equal(totals(3, { connected: true }, ROOM, 'disconnect').undo.why, 'no-undo')
  assert.equal(totals(3, {}, ROOM, 'hold').undoable, true)
  const passing = totals(3, { particulars: 'ends-with-connection' })
  assert.deepEqual([passing.undo.items, passing.undo.why], [0, 'ends-with-connection'])
})
