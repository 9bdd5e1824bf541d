// The pump: each pause with what ends it and what does not, the window, and messages that cannot be sent.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PacketId } from '../../../server/protocol/packet.ts'
import { start, type Wake } from '../../../server/session/pump.ts'
import { MemoryStore } from '../../../server/store/memory/memory-store.ts'
import type { Entry } from '../../../server/store/store.ts'
import { Ticket } from '../../../server/store/ticket.ts'
import { finish, type Stage, stage } from './stage.ts'

interface Pause {
  readonly paused: Stage['attachment']['paused']
  /** Brings a fresh stage into the pause, with one message waiting that may leave once it is over. */
  readonly enter: (made: Stage) => void
  readonly endedBy: Wake | undefined
}

const pauses: readonly Pause[] = [
  { paused: 'not-started', enter: made => made.enqueue('1'), endedBy: undefined },
  {
    paused: 'caught-up',
    enter: made => {
      start(made.attachment, made.context)
      // Behind the pump's back, as an engine that loads a page does before it says so.
      const { attachment } = made
      attachment.paused = 'pumping'
      made.enqueue('1')
      attachment.paused = 'caught-up'
    },
    endedBy: 'message-enqueued',
  },
  {
    paused: 'window-full',
    enter: made => {
      made.attachment.sendQuota = 0
      start(made.attachment, made.context)
      made.enqueue('1')
      made.attachment.sendQuota = 2
    },
    endedBy: 'acknowledged',
  },
  {
    paused: 'socket-full',
    enter: made => {
      made.outlet.isFull = true
      start(made.attachment, made.context)
      made.enqueue('1')
      made.outlet.isFull = false
    },
    endedBy: 'drained',
  },
]

for (const { paused, enter, endedBy } of pauses) {
  for (const why of ['message-enqueued', 'acknowledged', 'drained'] as const) {
    const ends = why === endedBy
    test(`${paused}: ${why} ${ends ? 'lets the next message leave' : 'changes nothing'}`, async () => {
      const made = await stage()
      enter(made)
      assert.equal(made.attachment.paused, paused)
      made.wake(why)
      assert.deepEqual(made.outlet.take(), ends ? ['1 1 1'] : [])
      assert.equal(made.attachment.paused, ends ? 'caught-up' : paused)
    })
  }
}

test('a message enqueued while the client is caught up leaves at once', async () => {
  const made = await stage()
  start(made.attachment, made.context)
  made.enqueue('1', '2')
  assert.deepEqual(made.outlet.take(), ['1 1 1', '2 1 2'])
})

test('the pump does not enter itself when a message is enqueued while it sends', async () => {
  const made = await stage()
  start(made.attachment, made.context)
  made.outlet.published = payload => {
    if (payload === '1') made.enqueue('2', '3')
  }
  made.enqueue('1')
  assert.deepEqual(made.outlet.take(), ['1 1 1', '2 1 2', '3 1 3'])
  assert.equal(made.attachment.paused, 'caught-up')
})

for (const sendQuota of [1, 2, 7]) {
  test(`sends ${sendQuota} at a time to a client whose window is ${sendQuota} [MQTT5-4.9.0-2] [MQTT5-3.3.4-9]`, async () => {
    const made = await stage({ sendQuota })
    made.enqueue(...Array.from({ length: 20 }, (_, index) => String(index)))
    start(made.attachment, made.context)
    assert.equal(made.outlet.take().length, sendQuota)
    assert.equal(made.attachment.paused, 'window-full')
    for (let packetId = 1; packetId <= 20; packetId++) {
      finish(made, packetId)
      assert.ok((made.session.sending?.size ?? 0) <= sendQuota)
    }
    assert.equal(made.outlet.take().length, 20 - sendQuota)
    assert.equal(made.session.lease.queue.messages, 0)
    assert.equal(made.attachment.sendQuota, sendQuota)
  })
}

test('a full socket keeps messages in the queue, where limits and expiry still reach them', async () => {
  const made = await stage()
  start(made.attachment, made.context)
  made.outlet.published = payload => {
    made.outlet.isFull = payload === '2'
  }
  made.enqueue('1', '2', '3')
  assert.deepEqual(made.outlet.take(), ['1 1 1', '2 1 2'])
  assert.equal(made.attachment.paused, 'socket-full')
  assert.equal(made.session.lease.queue.waiting, 1)
  made.outlet.isFull = false
  made.wake('drained')
  assert.deepEqual(made.outlet.take(), ['3 1 3'])
})

for (const qos of [1, 2] as const) {
  test(`a QoS ${qos} message that is too large is given up, counted, and holds no place [MQTT5-3.1.2-25]`, async () => {
    const made = await stage({ sendQuota: 1 })
    made.outlet.tooLarge.add('2')
    if (qos === 2) giveUpLikeDispatch(made)
    made.enqueueAt(qos, '1', '2', '3')
    start(made.attachment, made.context)
    finish(made, 1)
    assert.deepEqual(made.outlet.take(), [`1 ${qos} 1`, `3 ${qos} 3`])
    assert.deepEqual(qos === 1 ? made.lost : [], qos === 1 ? ['2 too-large'] : [])
    assert.deepEqual(
      [...made.session.sending!.values()].map(entry => entry.packetId),
      [3],
    )
    finish(made, 3)
    assert.equal(made.session.lease.queue.messages, 0)
    assert.equal(made.attachment.sendQuota, 1)
  })
}

/** At QoS 2 the gate publishes, and whoever holds the gate gives up what is too large. */
function giveUpLikeDispatch(made: Stage): void {
  const { outlet } = made
  outlet.publishWhenSafe = (_ticket, entry) => {
    const form = { qos: entry.qos, retain: false, dup: false, subscriptionIdentifiers: undefined }
    if (outlet.publish(entry.message, { ...form, packetId: entry.packetId }) === 'sent') return
    finishQuietly(made, entry)
  }
}

function finishQuietly(made: Stage, entry: Entry): void {
  made.session.sending?.delete(entry.packetId as PacketId)
  made.attachment.returnQuota()
  made.store.acknowledge(made.session.lease, entry)
}

test('an entry at QoS 0 leaves without packet id or place in the window, and is owed no more', async () => {
  const made = await stage({ sendQuota: 1 })
  made.outlet.tooLarge.add('2')
  made.enqueueAt(0, '1', '2', '3')
  start(made.attachment, made.context)
  assert.deepEqual(made.outlet.take(), ['1 0 0', '3 0 0'])
  assert.deepEqual(made.lost, ['2 too-large'])
  assert.equal(made.session.lease.queue.messages, 0)
  assert.equal(made.attachment.sendQuota, 1)
  assert.equal(made.session.sending, undefined)
})

/** An engine that needs a while to bind packet ids. */
class SlowSend extends MemoryStore {
  readonly tickets: Ticket[] = []

  override send(...parameters: Parameters<MemoryStore['send']>): Ticket {
    super.send(...parameters)
    const ticket = new Ticket()
    this.tickets.push(ticket)
    return ticket
  }
}

test('QoS 2 leaves once its packet id is safe; QoS 1 does not wait', async () => {
  const store = new SlowSend({ bytesMax: 1e9 })
  const made = await stage({ store })
  start(made.attachment, made.context)
  made.enqueueAt(1, '1')
  made.enqueueAt(2, '2')
  assert.deepEqual(made.outlet.take(), ['1 1 1'])
  assert.deepEqual(
    made.outlet.held.map(one => [one.entry.packetId, one.ticket === store.tickets[1]]),
    [[2, true]],
  )
})

test('nothing overtakes a QoS 2 message that is held back [MQTT5-4.6.0-5]', async () => {
  const store = new SlowSend({ bytesMax: 1e9 })
  const made = await stage({ store })
  start(made.attachment, made.context)
  made.enqueueAt(2, '1')
  made.outlet.holdsPublishes = true
  made.enqueueAt(1, '2')
  assert.deepEqual(made.outlet.take(), [])
  assert.deepEqual(
    made.outlet.held.map(one => [one.entry.packetId, one.ticket.isSafe]),
    [
      [1, false],
      [2, true],
    ],
  )
})

/** An engine that has to read a body before it can be fetched. */
class SlowFetch extends MemoryStore {
  isLoaded = false

  override fetch(...parameters: Parameters<MemoryStore['fetch']>): Entry | undefined {
    return this.isLoaded ? super.fetch(...parameters) : undefined
  }
}

test('a feed without room does not make the pump deaf to a page that has been read', async () => {
  const store = new SlowFetch({ bytesMax: 1e9 })
  const made = await stage({ store })
  made.enqueue('1')
  const { attachment, session } = made
  const none = { subscriptionIdentifiers: undefined, sharedFilter: undefined }
  const receiver = { queue: session.lease.queue, qos: 1, retainAsPublished: true, ...none } as const
  attachment.feeds.push({ receiver, messages: [], next: 0 })
  start(attachment, { ...made.context, feed: () => 'no-room' })
  store.isLoaded = true
  made.wake('message-enqueued')
  assert.deepEqual(made.outlet.take(), ['1 1 1'])
})

test('a feed without room goes on when what is in flight has been acknowledged', async () => {
  const made = await stage()
  const { attachment, session, context } = made
  const none = { subscriptionIdentifiers: undefined, sharedFilter: undefined }
  const receiver = { queue: session.lease.queue, qos: 1, retainAsPublished: true, ...none } as const
  let room = 1
  const feed = (): 'fed' | 'no-room' => {
    if (room-- <= 0) return 'no-room'
    made.enqueue('retained')
    return 'fed'
  }
  attachment.feeds.push({ receiver, messages: [], next: 0 })
  start(attachment, { ...context, feed })
  assert.deepEqual(made.outlet.take(), ['retained 1 1'])
  room = 1
  made.context.feed = feed
  finish(made, 1)
  assert.deepEqual(made.outlet.take(), ['retained 1 2'])
})
