// Collects what a plan is about: each member as it is at the moment it is looked at, in slices of the event loop.

import type { Filter } from '../../../shared/filter-grammar.ts'
import { PLAN_ITEMS_MAX, PLAN_MESSAGES_MAX } from '../../../shared/plan.ts'
import type { Message } from '../../protocol/message.ts'
import type { Session } from '../../session/session.ts'
import type { Slices } from '../slices.ts'
import type { BlockRules } from './blocked.ts'
import type { Member } from './member.ts'
import { MemberColumns } from './member-columns.ts'
import { chooseMessages } from './message-choice.ts'
import type { CheckedRequest, PlannedId } from './request.ts'
import { retainedMember } from './retained-member.ts'
import { bareMember, sessionMember } from './session-member.ts'
import type { PlanWorld } from './world.ts'

export type Collected =
  | { readonly at: 'collected'; readonly columns: MemberColumns }
  | { readonly at: 'too-many'; readonly detail: string }

export interface CollectRequest extends Pick<CheckedRequest, 'action' | 'scope' | 'options'> {
  readonly exclude: ReadonlySet<string>
  readonly rules: BlockRules
}

/** Sessions that are looked up in one turn. */
const BATCH = 256

export async function collect(request: CollectRequest, world: PlanWorld, slices: Slices): Promise<Collected> {
  const collector = new Collector(request, world, slices)
  try {
    await collector.collect()
    return { at: 'collected', columns: collector.columns }
  } catch (error) {
    if (error instanceof TooMany) return { at: 'too-many', detail: error.message }
    throw error
  }
}

/** Thrown from deep inside the loops to end all of them; never leaves this file. */
class TooMany extends Error {}

class Collector {
  readonly columns = new MemberColumns()
  readonly #request: CollectRequest
  readonly #world: PlanWorld
  readonly #slices: Slices
  #messagesSeen = 0

  constructor(request: CollectRequest, world: PlanWorld, slices: Slices) {
    this.#request = request
    this.#world = world
    this.#slices = slices
  }

  async collect(): Promise<void> {
    const { scope } = this.#request
    switch (scope.at) {
      case 'filter':
        return this.#addMatching(scope.filter)
      case 'ids':
        return this.#each(scope.ids, id => this.#addId(id))
      case 'topic-filter':
        return this.#each(this.#world.retained(scope.topicFilter), message => this.#addRetained(message))
      case 'topics':
        return this.#each(scope.topics, topic => this.#addTopic(topic))
    }
  }

  /** Only what reads messages has anything to wait for: a promise for each of a million members would cost a second. */
  async #each<T>(all: Iterable<T>, add: (one: T) => Promise<void> | undefined): Promise<void> {
    for (const one of all) {
      const adding = add(one)
      if (adding !== undefined) await adding
      if (this.#slices.isOver()) await this.#slices.next()
    }
  }

  /**
   * Those that matched at one moment, unless they have ended or changed by the time they are looked at. A key that may
   * not touch some does not learn of them.
   */
  async #addMatching(filter: Filter): Promise<void> {
    const found = await this.#slices.until(this.#world.matching(filter))
    if (found.at === 'overloaded') throw new TooMany(found.detail)
    const { clientIds } = found
    for (let from = 0; from < clientIds.length; from += BATCH) {
      const batch = clientIds.slice(from, from + BATCH)
      const matches = this.#world.matcher(filter)
      const { mayTouch } = this.#request.rules
      const sessions = batch.flatMap(clientId =>
        mayTouch(clientId) && matches(clientId) ? (this.#world.session(clientId) ?? []) : [],
      )
      await this.#each(sessions, session => (session.ended ? undefined : this.#addSession(session)))
      if (this.#slices.isOverNow()) await this.#slices.next()
    }
  }

  #addId({ clientId, generation }: PlannedId): Promise<void> | undefined {
    const session = this.#world.session(clientId)
    if (session === undefined) return this.#add(bareMember(clientId, generation ?? '', 'no-session'))
    if (generation !== undefined && session.generation !== generation)
      return this.#add(bareMember(clientId, generation, 'new-session'))
    return this.#addSession(session)
  }

  #addSession(session: Session): Promise<void> | undefined {
    if (this.#request.exclude.has(session.clientId)) return undefined
    const member = sessionMember(session, this.#request)
    return this.#request.action === 'messages.remove' ? this.#addMessages(session, member) : this.#add(member)
  }

  async #addMessages(session: Session, member: Member): Promise<void> {
    const messagesMax = PLAN_MESSAGES_MAX - this.#messagesSeen
    const now = this.#world.clock.now()
    const filter = this.#request.options.messages ?? {}
    const chosen = await chooseMessages(session, filter, { messagesMax, now, slices: this.#slices })
    if (chosen === 'too-many') {
      throw new TooMany(
        `to choose from more than ${PLAN_MESSAGES_MAX} messages would take too long: name fewer sessions`,
      )
    }
    this.#messagesSeen += chosen.seen
    const { messages, bytes, ranges } = chosen
    if (messages > 0) this.#add({ ...member, messages, bytes, particulars: ranges })
  }

  #addTopic(topic: string): undefined {
    const message = this.#world.retainedOn(topic)
    if (message === undefined) return this.#add(bareMember(topic, '', 'nothing-retained'))
    return this.#addRetained(message)
  }

  #addRetained(message: Message): undefined {
    const member = retainedMember(message, this.#request.rules)
    const isHidden = this.#request.scope.at === 'topic-filter' && member.blocked === 'outside-key'
    return isHidden ? undefined : this.#add(member)
  }

  #add(member: Member): undefined {
    if (this.#request.exclude.has(member.key)) return undefined
    if (this.columns.count >= PLAN_ITEMS_MAX) {
      throw new TooMany(`a plan has at most ${PLAN_ITEMS_MAX} items: narrow the filter`)
    }
    this.columns.add(member)
    return undefined
  }
}
