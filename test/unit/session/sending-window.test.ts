// The window of what is in flight to a client, held to a Map over random exchanges.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PacketId } from '../../../server/protocol/packet.ts'
import { SendingWindow } from '../../../server/session/sending-window.ts'
import type { Entry } from '../../../server/store/store.ts'
import { SeededRandom } from '../../fuzz/seeded-random.ts'
import { messageOn } from '../routing/messages.ts'

const message = messageOn('t')

function entryOf(packetId: number): Entry {
  return {
    message,
    qos: 1,
    retain: false,
    subscriptionIdentifiers: undefined,
    sharedFilter: undefined,
    packetId: packetId as PacketId,
    at: 'published',
    sentAt: undefined,
  }
}

test('whatever is sent and acknowledged in whatever order, the window has what is left, in the order it was sent', () => {
  const random = new SeededRandom(1)
  const window = new SendingWindow()
  const expected = new Map<number, Entry>()
  let last = 65_000
  for (let step = 0; step < 20_000; step++) {
    const most = step % 2_000 < 1_000 ? 20 : 600
    if (expected.size < most && random.below(100) < 55) {
      do last = (last % 65_535) + 1
      while (window.get(last as PacketId) !== undefined)
      assert.ok(!expected.has(last), 'an id in use was given out')
      const entry = entryOf(last)
      window.add(entry)
      expected.set(last, entry)
    } else {
      const ids = [...expected.keys()]
      // Mostly the oldest; the first of all stays for long.
      const id = ids[random.below(100) < 80 ? Math.min(1, ids.length - 1) : random.below(ids.length)]
      if (id === undefined) continue
      assert.equal(window.get(id as PacketId), expected.get(id))
      window.delete(id as PacketId)
      expected.delete(id)
      assert.equal(window.get(id as PacketId), undefined)
    }
    assert.equal(window.size, expected.size)
    if (step % 50 === 0) assert.deepEqual([...window.values()], [...expected.values()])
  }
})

test('ids that an earlier process gave out find places, however far apart they are', () => {
  const window = new SendingWindow()
  const ids = [1, 17, 33, 32_769, 65_535, 16_385, 2]
  for (const id of ids) window.add(entryOf(id))
  assert.deepEqual(
    [...window.values()].map(entry => entry.packetId),
    ids,
  )
  for (const id of ids) assert.equal(window.get(id as PacketId)?.packetId, id)
  window.delete(49_153 as PacketId)
  assert.equal(window.size, ids.length)
})
