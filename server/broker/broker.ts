// The broker behind its connections: sessions, stores, routing and deadlines, put together.

import { type Clock, every } from '../clock.ts'
import type { Settings } from '../config/schema.ts'
import { Counters, type Emit } from '../events.ts'
import type { Fault } from '../protocol/fault.ts'
import type { Message } from '../protocol/message.ts'
import type { Subscribe, Unsubscribe } from '../protocol/packet.ts'
import type { TopicTable } from '../protocol/topic.ts'
import { RetainedMessages } from '../routing/retained.ts'
import { Router } from '../routing/router.ts'
import type { Attachment, RetainedFeed } from '../session/attachment.ts'
import { Holds } from '../session/holds.ts'
import * as pump from '../session/pump.ts'
import { Registry } from '../session/registry.ts'
import type { Session } from '../session/session.ts'
import type { Change, Step } from '../session/step.ts'
import { TimerWheel } from '../session/timer-wheel.ts'
import { TouchedSessions } from '../session/touched.ts'
import { MemoryStore } from '../store/memory/memory-store.ts'
import type { Entry, LossReason, Queue, Store, StoreListener, Unread } from '../store/store.ts'
import type { Ticket } from '../store/ticket.ts'
import { type AttachRequest, attach } from './attach.ts'
import { type Departure, detach, endSession, scheduleSession } from './departure.ts'
import { holdRanOut } from './operations/hold.ts'
import { UndoLedger } from './operations/undo-ledger.ts'
import type { BrokerParts } from './parts.ts'
import { type Published, publish, publishOwn } from './publish.ts'
import { recover } from './recover.ts'
import { StoreWarning } from './store-warning.ts'
import { feed, onSubscribe, onUnsubscribe } from './subscribe.ts'

const WHEEL_INTERVAL_MS = 100

export interface BrokerGiven {
  readonly settings: Settings
  readonly clock: Clock
  readonly emit: Emit
  readonly durable: Store
  /** The store's too, so that what it reads back shares the topics. */
  readonly topics: TopicTable
}

export class Broker {
  readonly parts: BrokerParts
  /** Messages lost by reason, since the start. */
  readonly losses = new Map<LossReason, number>()
  #stopWheel: () => void = () => undefined
  #stopWarning: () => void = () => undefined

  constructor(given: BrokerGiven) {
    const { settings, clock } = given
    const volatile = new MemoryStore({ bytesMax: settings.storeBytesMax })
    const wheel = new TimerWheel(clock)
    const lost = (session: Session, message: Message, reason: LossReason): void =>
      this.#lost(session.clientId, message, reason)
    const router = new Router({
      durable: given.durable,
      volatile,
      queueQos0: settings.queueQos0,
      sharedGroups: { groupsMax: settings.sharedGroupsMax, membersMax: settings.sharedGroupMembersMax },
      lost,
    })
    const touched = new TouchedSessions()
    const undoLimits = { windowMs: settings.undoWindowMs, bytesMax: settings.undoBytesMax }
    const undo = new UndoLedger(
      { clock, wheel, stores: [given.durable, volatile], emit: given.emit },
      undoLimits,
    )
    const retainedLimits = { messagesMax: settings.retainedMessagesMax, bytesMax: settings.retainedBytesMax }
    this.parts = {
      settings,
      clock,
      wheel,
      counters: new Counters(),
      emit: given.emit,
      topics: given.topics,
      registry: new Registry(),
      holds: new Holds(wheel, hold => holdRanOut(this.parts, hold)),
      undo,
      touched,
      touch: session => touched.add(session),
      router,
      retained: new RetainedMessages(retainedLimits, clock, wheel, topic =>
        given.durable.retain(topic, undefined),
      ),
      pump: { now: () => clock.now(), lost, feed: attachment => feed(this.parts, attachment) },
      durable: given.durable,
      volatile,
      storeWarning: new StoreWarning({
        clock,
        emit: given.emit,
        durable: given.durable,
        volatile,
        bytesMax: settings.storeBytesMax,
      }),
    }
  }

  async open(): Promise<void> {
    const listener: StoreListener = {
      available: queue => this.#available(queue),
      expiring: queue => this.#expiring(queue),
      lost: (queue, message, reason, unread) => this.#lost(queue.clientId, message, reason, unread),
      offered: (queue, entry) => (this.#passOn(queue, entry) ? 'taken' : 'left'),
      changed: queue => this.#changed(queue),
    }
    await this.parts.volatile.open(listener)
    const downMs = recover(this.parts, await this.parts.durable.open(listener))
    this.parts.undo.open()
    const { clock, registry } = this.parts
    const sessions = registry.count
    this.parts.emit({ kind: 'broker-started', at: clock.now(), clientId: '', sessions, downMs })
    this.#stopWheel = every(WHEEL_INTERVAL_MS, () => this.parts.wheel.advance())
    this.#stopWarning = this.parts.storeWarning.start()
  }

  async close(): Promise<void> {
    this.#stopWheel()
    this.#stopWarning()
    await this.parts.durable.close()
    await this.parts.volatile.close()
  }

  attach(request: AttachRequest): Promise<Fault | undefined> {
    return attach(this.parts, request)
  }

  /** After CONNACK: what is in flight is sent again, then what waits. */
  start(attachment: Attachment): void {
    pump.start(attachment, this.parts.pump)
  }

  wake(attachment: Attachment, why: pump.Wake): void {
    pump.wake(attachment, why, this.parts.pump)
  }

  detach(attachment: Attachment, departure: Departure): void {
    detach(this.parts, attachment, departure)
  }

  /** A message in flight cannot be sent to this client after all. */
  giveUp(attachment: Attachment, entry: Entry, reason: LossReason): void {
    pump.giveUp(attachment, entry, reason, this.parts.pump)
    this.wake(attachment, 'acknowledged')
  }

  /** Ends an offline session, or one whose connection the caller has ended. */
  endSession(session: Session): void {
    endSession(this.parts, session, 'cleaned')
  }

  publish(message: Message, publisher: Session | undefined): Published {
    return publish(this.parts, message, publisher)
  }

  publishOwn(topicName: string, payload: string): void {
    publishOwn(this.parts, topicName, payload)
  }

  subscribe(attachment: Attachment, packet: Subscribe): Step {
    return onSubscribe(this.parts, attachment, packet)
  }

  unsubscribe(attachment: Attachment, packet: Unsubscribe): Step {
    return onUnsubscribe(this.parts, attachment, packet)
  }

  /** Lets retained messages follow at the pace of the client. */
  feed(attachment: Attachment, feeds: readonly RetainedFeed[]): void {
    attachment.feeds.push(...feeds)
    pump.wake(attachment, 'message-enqueued', this.parts.pump)
  }

  /** Stages a step's change; the ticket says when it is safe. */
  persist(session: Session, change: Change): Ticket {
    const { store, lease } = session
    switch (change.change) {
      case 'finish':
        return store.acknowledge(lease, change.entry)
      case 'release':
        return store.release(lease, change.entry)
      case 'keep':
        return store.keep(lease, change.packetId)
      case 'forget':
        return store.forget(lease, change.packetId)
      case 'session':
        return store.change(lease, change.to)
    }
  }

  #available(queue: Queue): void {
    const session = this.#sessionOf(queue)
    if (session?.attachment !== undefined) pump.wake(session.attachment, 'message-enqueued', this.parts.pump)
  }

  #expiring(queue: Queue): void {
    const session = this.#sessionOf(queue)
    if (session !== undefined) scheduleSession(this.parts, session)
  }

  #changed(queue: Queue): void {
    const session = this.#sessionOf(queue)
    if (session !== undefined) this.parts.touch(session)
  }

  #sessionOf(queue: Queue): Session | undefined {
    const session = this.parts.registry.get(queue.clientId)
    return session?.lease.queue === queue ? session : undefined
  }

  /** What a member of a shared group did not take goes to another one, unless its delivery had begun at QoS 2. */
  #passOn(queue: Queue, entry: Entry): boolean {
    if (entry.sharedFilter === undefined || (entry.qos === 2 && entry.at !== 'waiting')) return false
    return this.parts.router.reassign(entry, this.#sessionOf(queue))
  }

  #lost(clientId: string, message: Message | undefined, reason: LossReason, unread?: Unread): void {
    this.losses.set(reason, (this.losses.get(reason) ?? 0) + 1)
    this.parts.counters.messagesDropped++
    this.parts.emit({
      kind: 'message-lost',
      at: this.parts.clock.now(),
      clientId,
      reason,
      topic: message?.topic.name,
      publisher: message?.publisher,
      qos: unread?.qos ?? message?.qos,
      size: message?.size ?? unread?.size,
      seq: message === undefined ? unread?.seq : undefined,
    })
  }
}
