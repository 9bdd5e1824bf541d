// Finds who gets a message, and hands it to them: to connected clients at QoS 0, to queues otherwise.

import { MATCH_CACHE_RECEIVERS_MAX } from '../limits.ts'
import type { Message } from '../protocol/message.ts'
import type { Topic } from '../protocol/topic.ts'
import type { Session } from '../session/session.ts'
import { type Delivery, mergeSubscriptions, Subscription } from '../session/subscription.ts'
import type { Entry, LossReason, Receiver, Store } from '../store/store.ts'
import { bothSafe, SAFE, type Ticket } from '../store/ticket.ts'
import { type SharedGroup, SharedGroups } from './shared-groups.ts'
import type { TopicBranch } from './topic-branch.ts'
import { TopicTrie } from './topic-trie.ts'

export interface SharedGroupLimits {
  readonly groupsMax: number
  readonly membersMax: number
}

export interface RouterGiven {
  readonly durable: Store
  readonly volatile: Store
  readonly queueQos0: boolean
  readonly sharedGroups: SharedGroupLimits
  lost(session: Session, message: Message, reason: LossReason): void
}

interface Match {
  readonly deliveries: readonly Delivery[]
  readonly groups: readonly SharedGroup[]
}

export class Router {
  readonly #given: RouterGiven
  readonly #trie = new TopicTrie<Subscription | SharedGroup>()
  readonly #groups: SharedGroups
  /** Changes with every subscription; a match remembered under another epoch is found again. */
  #epoch = 0
  /** Receivers of the message at hand, by store; reused, so that a message costs no array of its own. */
  readonly #durable: Receiver[] = []
  readonly #volatile: Receiver[] = []
  #durableCount = 0
  #volatileCount = 0
  subscriptions = 0

  constructor(given: RouterGiven) {
    this.#given = given
    this.#groups = new SharedGroups(this.#trie, given.sharedGroups)
  }

  get sharedGroups(): number {
    return this.#groups.count
  }

  hasRoomFor(sharedFilter: string): boolean {
    return this.#groups.hasRoomFor(sharedFilter)
  }

  add(subscription: Subscription): void {
    this.#epoch++
    this.subscriptions++
    if (subscription.sharedFilter === undefined) this.#trie.add(subscription.topicFilter, subscription)
    else this.#groups.join(subscription)
  }

  remove(subscription: Subscription): void {
    this.#epoch++
    this.subscriptions--
    if (subscription.sharedFilter === undefined) this.#trie.remove(subscription.topicFilter, subscription)
    else this.#groups.leave(subscription)
  }

  /**
   * Gives the message to everyone who subscribed. The ticket says when it is safe for all persistent
   * receivers, or why it was refused; `publisher` is undefined for the broker's own messages.
   */
  route(
    message: Message,
    publisher: Session | undefined,
  ): { readonly ticket: Ticket; readonly receivers: number } {
    const match = this.#match(message.topic)
    this.#durableCount = 0
    this.#volatileCount = 0
    let receivers = 0
    for (const matched of match.deliveries) {
      const delivery = matched.session === publisher ? matched.ofOwn : matched
      if (delivery === undefined) continue
      receivers++
      this.#hand(message, delivery)
    }
    for (const group of match.groups) {
      const member = group.choose(undefined)
      if (member === undefined) continue
      receivers++
      this.#hand(message, member)
    }
    return receivers === 0 ? NOBODY : { ticket: this.#append(message), receivers }
  }

  /** Whether anybody would get a message on this topic. */
  hasReceivers(topic: Topic): boolean {
    const match = this.#match(topic)
    return match.deliveries.length > 0 || match.groups.some(group => group.members.length > 0)
  }

  /** For those who look: all subscriptions and shared groups whose filter matches, in no order. */
  matching(topicName: string): readonly (Subscription | SharedGroup)[] {
    return this.#trie.match(topicName)
  }

  /** For those who look: all of them by the levels of their filters, that of a shared group without its group. */
  get tree(): TopicBranch<Subscription | SharedGroup> {
    return this.#trie.root
  }

  /** Gives a message that a leaving member of a shared group did not take to another one; false when there is none. */
  reassign(entry: Entry, from: Session | undefined): boolean {
    const member = this.#groups.group(entry.sharedFilter ?? '')?.choose(from)
    if (member === undefined) return false
    this.#durableCount = 0
    this.#volatileCount = 0
    this.#hand(entry.message, member)
    return this.#append(entry.message).refusal === undefined
  }

  #hand(message: Message, delivery: Delivery): void {
    const { session } = delivery
    if (message.qos > 0 && delivery.qos > 0) this.#enqueueLater(session, delivery)
    else if (session.attachment !== undefined) this.#sendNow(message, delivery)
    else if (this.#given.queueQos0) this.#enqueueLater(session, delivery)
    else this.#given.lost(session, message, 'offline-qos-0')
  }

  #sendNow(message: Message, delivery: Delivery): void {
    const outcome = delivery.session.attachment!.outlet.publish(message, {
      qos: 0,
      retain: message.retain && delivery.retainAsPublished,
      dup: false,
      packetId: 0,
      subscriptionIdentifiers: delivery.subscriptionIdentifiers,
    })
    if (outcome !== 'sent') this.#given.lost(delivery.session, message, outcome)
  }

  #enqueueLater(session: Session, delivery: Delivery): void {
    if (session.store === this.#given.durable) this.#durable[this.#durableCount++] = delivery
    else this.#volatile[this.#volatileCount++] = delivery
  }

  /** The durable store first: when it refuses, nobody gets the message and the publisher tries again. */
  #append(message: Message): Ticket {
    const durable =
      this.#durableCount === 0 ? SAFE : this.#given.durable.append(message, this.#durable, this.#durableCount)
    if (durable.refusal !== undefined || this.#volatileCount === 0) return durable
    return bothSafe(durable, this.#given.volatile.append(message, this.#volatile, this.#volatileCount))
  }

  #match(topic: Topic): Match {
    if (topic.matchEpoch === this.#epoch) return topic.match as Match
    const match = matchOf(this.#trie.match(topic.name))
    if (match.deliveries.length <= MATCH_CACHE_RECEIVERS_MAX) {
      topic.match = match
      topic.matchEpoch = this.#epoch
    }
    return match
  }
}

const NOBODY = { ticket: SAFE, receivers: 0 }

function matchOf(found: readonly (Subscription | SharedGroup)[]): Match {
  const bySession = new Map<Session, Subscription[]>()
  const groups: SharedGroup[] = []
  for (const one of found) {
    if (!(one instanceof Subscription)) {
      groups.push(one)
      continue
    }
    const overlapping = bySession.get(one.session)
    if (overlapping === undefined) bySession.set(one.session, [one])
    else overlapping.push(one)
  }
  const deliveries: Delivery[] = []
  for (const overlapping of bySession.values()) {
    deliveries.push(overlapping.length === 1 ? overlapping[0]! : mergeSubscriptions(overlapping))
  }
  return { deliveries, groups }
}
