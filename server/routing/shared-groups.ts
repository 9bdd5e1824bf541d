// Shared subscriptions: each message goes to one member of the group, the one that can best take it.

import type { Session } from '../session/session.ts'
import type { Subscription } from '../session/subscription.ts'
import type { SharedGroupLimits } from './router.ts'
import type { TopicTrie } from './topic-trie.ts'

/** The filter behind `$share/group/`, which decides what matches. */
export function filterBehind(sharedFilter: string): string {
  return sharedFilter.slice(sharedFilter.indexOf('/', '$share/'.length) + 1)
}

export class SharedGroup {
  readonly sharedFilter: string
  readonly members: Subscription[] = []
  #next = 0

  constructor(sharedFilter: string) {
    this.sharedFilter = sharedFilter
  }

  /**
   * The member whose turn it is among those that can take a message now; failing that a connected one with a
   * full window; failing that one whose session will keep it. Undefined when nobody could ever get it.
   */
  choose(without: Session | undefined): Subscription | undefined {
    const index = this.#find(without)
    return index === undefined ? undefined : this.#take(index)
  }

  /** The one that `choose` would choose now. */
  get next(): Subscription | undefined {
    const index = this.#find(undefined)
    return index === undefined ? undefined : this.members[index]
  }

  #find(without: Session | undefined): number | undefined {
    let connected: number | undefined
    let offline: number | undefined
    for (let step = 0; step < this.members.length; step++) {
      const index = (this.#next + step) % this.members.length
      const { session } = this.members[index]!
      if (session === without || session.ended) continue
      const { attachment } = session
      if (attachment?.paused === 'caught-up') return index
      if (attachment !== undefined) connected ??= index
      else offline ??= index
    }
    return connected ?? offline
  }

  #take(index: number): Subscription | undefined {
    this.#next = index + 1
    return this.members[index]
  }
}

export class SharedGroups {
  readonly #groups = new Map<string, SharedGroup>()
  readonly #trie: TopicTrie<Subscription | SharedGroup>
  readonly #limits: SharedGroupLimits

  constructor(trie: TopicTrie<Subscription | SharedGroup>, limits: SharedGroupLimits) {
    this.#trie = trie
    this.#limits = limits
  }

  get count(): number {
    return this.#groups.size
  }

  group(sharedFilter: string): SharedGroup | undefined {
    return this.#groups.get(sharedFilter)
  }

  hasRoomFor(sharedFilter: string): boolean {
    const group = this.#groups.get(sharedFilter)
    if (group === undefined) return this.#groups.size < this.#limits.groupsMax
    return group.members.length < this.#limits.membersMax
  }

  join(subscription: Subscription): void {
    const sharedFilter = subscription.topicFilter
    let group = this.#groups.get(sharedFilter)
    if (group === undefined) {
      group = new SharedGroup(sharedFilter)
      this.#groups.set(sharedFilter, group)
      this.#trie.add(filterBehind(sharedFilter), group)
    }
    group.members.push(subscription)
  }

  leave(subscription: Subscription): void {
    const group = this.#groups.get(subscription.topicFilter)
    const index = group?.members.indexOf(subscription) ?? -1
    if (group === undefined || index < 0) return
    group.members.splice(index, 1)
    if (group.members.length > 0) return
    this.#groups.delete(subscription.topicFilter)
    this.#trie.remove(filterBehind(subscription.topicFilter), group)
  }
}
