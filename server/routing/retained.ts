// Retained messages: one a topic, found again by topic filter, bounded in number and bytes.

import type { Clock } from '../clock.ts'
import type { Message } from '../protocol/message.ts'
import type { Topic } from '../protocol/topic.ts'
import { Timer, type TimerWheel } from '../session/timer-wheel.ts'
import { type TopicBranch, walkTopics } from './topic-branch.ts'

interface Node {
  children: Map<string, Node> | undefined
  message: Message | undefined
  expiry: Timer | undefined
}

export interface RetainedLimits {
  readonly messagesMax: number
  readonly bytesMax: number
}

export class RetainedMessages {
  readonly #limits: RetainedLimits
  readonly #wheel: TimerWheel
  readonly #clock: Clock
  readonly #expired: (topic: Topic) => void
  readonly #root: Node = { children: undefined, message: undefined, expiry: undefined }
  messages = 0
  bytes = 0

  /** `expired` hears of a topic whose message has just been dropped because its time had come. */
  constructor(limits: RetainedLimits, clock: Clock, wheel: TimerWheel, expired: (topic: Topic) => void) {
    this.#limits = limits
    this.#clock = clock
    this.#wheel = wheel
    this.#expired = expired
  }

  /** Whether `message` would fit in place of what its topic holds. */
  fits(message: Message): boolean {
    const former = this.#find(message.topic.name)?.message
    const messages = this.messages + (former === undefined ? 1 : 0)
    const bytes = this.bytes + message.size - (former?.size ?? 0)
    return messages <= this.#limits.messagesMax && bytes <= this.#limits.bytesMax
  }

  find(topic: Topic): Message | undefined {
    return this.#find(topic.name)?.message
  }

  /** Replaces the topic's message [MQTT5-3.3.1-5]. */
  set(message: Message): void {
    let node = this.#root
    for (const level of message.topic.name.split('/')) {
      node.children ??= new Map()
      let child = node.children.get(level)
      if (child === undefined) {
        child = { children: undefined, message: undefined, expiry: undefined }
        node.children.set(level, child)
      }
      node = child
    }
    this.#forget(node)
    node.message = message
    this.messages++
    this.bytes += message.size
    if (message.expiresAt === Number.POSITIVE_INFINITY) return
    node.expiry = new Timer(() => {
      this.clear(message.topic)
      this.#expired(message.topic)
    })
    this.#wheel.schedule(node.expiry, message.expiresAt)
  }

  /** Removes the topic's message; an empty retained PUBLISH asks for it [MQTT5-3.3.1-6, MQTT5-3.3.1-7]. */
  clear(topic: Topic): void {
    const path: { readonly parent: Node; readonly level: string }[] = []
    let node: Node | undefined = this.#root
    for (const level of topic.name.split('/')) {
      path.push({ parent: node, level })
      node = node.children?.get(level)
      if (node === undefined) return
    }
    this.#forget(node)
    for (let step = path.pop(); step !== undefined; step = path.pop()) {
      if (node.message !== undefined || node.children !== undefined) return
      step.parent.children?.delete(step.level)
      if (step.parent.children?.size === 0) step.parent.children = undefined
      node = step.parent
    }
  }

  /** Messages of every topic the filter matches, in no promised order. */
  match(topicFilter: string): Message[] {
    const found: Message[] = []
    collect(this.#root, topicFilter.split('/'), 0, this.#clock.now(), found)
    return found
  }

  /**
   * One by one, for whoever looks at many and lets others have their turn in between: what is set meanwhile may be
   * left out, and what has gone is.
   */
  *each(topicFilter: string): Generator<Message> {
    for (const message of walkTopics(this.root, topicFilter)) {
      if (message !== undefined && message.expiresAt > this.#clock.now()) yield message
    }
  }

  /** For those who look; what has expired a moment ago may still be there. */
  get root(): TopicBranch<Message> {
    return new Branch(this.#root)
  }

  #find(topicName: string): Node | undefined {
    let node: Node | undefined = this.#root
    for (const level of topicName.split('/')) {
      node = node.children?.get(level)
      if (node === undefined) return undefined
    }
    return node
  }

  #forget(node: Node): void {
    if (node.expiry !== undefined) this.#wheel.cancel(node.expiry)
    node.expiry = undefined
    if (node.message === undefined) return
    this.messages--
    this.bytes -= node.message.size
    node.message = undefined
  }
}

class Branch implements TopicBranch<Message> {
  readonly #node: Node

  constructor(node: Node) {
    this.#node = node
  }

  values(): readonly Message[] {
    return this.#node.message === undefined ? [] : [this.#node.message]
  }

  *children(): Generator<readonly [level: string, branch: Branch]> {
    for (const [level, child] of this.#node.children ?? []) yield [level, new Branch(child)]
  }

  child(level: string): Branch | undefined {
    const child = this.#node.children?.get(level)
    return child === undefined ? undefined : new Branch(child)
  }
}

function collect(node: Node, levels: readonly string[], depth: number, now: number, found: Message[]): void {
  const level = levels[depth]
  if (level === undefined) {
    take(node, now, found)
    return
  }
  if (level === '#') {
    collectAll(node, depth === 0, now, found)
    return
  }
  if (level !== '+') {
    const child = node.children?.get(level)
    if (child !== undefined) collect(child, levels, depth + 1, now, found)
    return
  }
  for (const [name, child] of node.children ?? []) {
    if (depth > 0 || !name.startsWith('$')) collect(child, levels, depth + 1, now, found)
  }
}

/** `#` matches its parent level too, and below the root nothing that begins with $. */
function collectAll(node: Node, isRoot: boolean, now: number, found: Message[]): void {
  take(node, now, found)
  for (const [name, child] of node.children ?? []) {
    if (!isRoot || !name.startsWith('$')) collectAll(child, false, now, found)
  }
}

function take(node: Node, now: number, found: Message[]): void {
  if (node.message !== undefined && node.message.expiresAt > now) found.push(node.message)
}
