// The levels of the trees of subscriptions and of retained messages below a place, as one tree, a page of it at a time.

import type { TopicLevel } from '../../../shared/topics.ts'
import type { Message } from '../../protocol/message.ts'
import type { SharedGroup } from '../../routing/shared-groups.ts'
import { branchAt, type TopicBranch } from '../../routing/topic-branch.ts'
import { Subscription } from '../../session/subscription.ts'
import { Smallest } from './smallest.ts'
import type { Slices } from './walks.ts'

type Subscribed = Subscription | SharedGroup

/** One place in both trees; undefined where one of them has nothing. */
interface Place {
  readonly levels: readonly string[]
  readonly subscribed: TopicBranch<Subscribed> | undefined
  readonly retained: TopicBranch<Message> | undefined
}

export interface TreeQuestion {
  readonly slices: Slices
  readonly subscribed: TopicBranch<Subscribed>
  readonly retained: TopicBranch<Message>
  /** Levels; empty: from the root. */
  readonly prefix: readonly string[]
  readonly depth: number
  readonly limit: number
  readonly after: string | undefined
}

export interface TreeLevels {
  readonly data: TopicLevel[]
  readonly total: number
  readonly next: string | undefined
}

/** Each level before those below it. */
export async function treeLevels(question: TreeQuestion): Promise<TreeLevels> {
  const { slices, prefix, depth, limit, after } = question
  const start: Place = {
    levels: prefix,
    subscribed: branchAt(question.subscribed, prefix),
    retained: branchAt(question.retained, prefix),
  }
  const first = new Smallest<Place>(limit, after)
  await slices.each(placesBelow(start, depth), place => {
    // What no level has in it, so that a level comes before those below it.
    if (place !== undefined) first.offer(place.levels.join('\u0000'), place)
  })
  const { rows, next } = first.finish()
  const data: TopicLevel[] = []
  for (const place of rows) data.push(await describe(place, prefix.length, slices))
  return { data, total: first.total, next }
}

function* placesBelow(place: Place, depth: number): Generator<Place | undefined> {
  for (const below of childrenOf(place)) {
    yield below
    if (below !== undefined && depth > 1) yield* placesBelow(below, depth - 1)
  }
}

/** Those of both trees, each once; undefined for a step that found none. */
function* childrenOf({ levels, subscribed, retained }: Place): Generator<Place | undefined> {
  for (const [level, branch] of subscribed?.children() ?? []) {
    yield { levels: [...levels, level], subscribed: branch, retained: retained?.child(level) }
  }
  for (const [level, branch] of retained?.children() ?? []) {
    if (subscribed?.child(level) !== undefined) yield undefined
    else yield { levels: [...levels, level], subscribed: undefined, retained: branch }
  }
}

async function describe(
  { levels, subscribed, retained }: Place,
  above: number,
  slices: Slices,
): Promise<TopicLevel> {
  let subscriptionsHere = 0
  let subscriptions = 0
  let messages = 0
  const weigh = (one: Subscribed | undefined): number => {
    if (one === undefined) return 0
    return one instanceof Subscription ? 1 : one.members.length
  }
  await slices.each(subscribed?.values() ?? [], one => {
    subscriptionsHere += weigh(one)
  })
  await slices.each(allValues(subscribed), one => {
    subscriptions += weigh(one)
  })
  await slices.each(allValues(retained), one => {
    if (one !== undefined) messages++
  })
  return {
    level: levels.at(-1)!,
    path: levels.join('/'),
    depth: levels.length - above,
    subscriptionsHere,
    subscriptions,
    retainedHere: !isEmpty(retained?.values()),
    retained: messages,
    hasChildren: !isEmpty(subscribed?.children()) || !isEmpty(retained?.children()),
  }
}

/** Of a branch and all below it; undefined for a step that found none. */
function* allValues<Value>(branch: TopicBranch<Value> | undefined): Generator<Value | undefined> {
  if (branch === undefined) return
  const path: Iterator<readonly [string, TopicBranch<Value>]>[] = [[['', branch] as const].values()]
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const { value: step, done } = top.next()
    yield undefined
    if (done === true) {
      path.pop()
      continue
    }
    yield* step[1].values()
    path.push(step[1].children()[Symbol.iterator]())
  }
}

function isEmpty(values: Iterable<unknown> | undefined): boolean {
  for (const _ of values ?? []) return false
  return true
}
