// Topic filters as a tree of levels: finds every value whose filter matches a topic name.
//
//   sport/+/player   matches sport/tennis/player, not sport/player
//   sport/#          matches sport, sport/tennis, sport/tennis/player          [MQTT5-4.7.1-2]
//   # and +/x        match no topic whose first level begins with $            [MQTT5-4.7.2-1]

import type { TopicBranch } from './topic-branch.ts'

/** Above so many values in one node a Set replaces the array: 100,000 clients may share one filter. */
const ARRAY_VALUES_MAX = 32

class Node<Value extends object> implements TopicBranch<Value> {
  /** Most nodes have one child; a Map for each would triple what a session costs. */
  #onlyLevel: string | undefined = undefined
  #onlyChild: Node<Value> | undefined = undefined
  #children: Map<string, Node<Value>> | undefined = undefined
  #values: Value[] | Set<Value> | undefined = undefined

  get isEmpty(): boolean {
    return this.#onlyChild === undefined && this.#children === undefined && this.#values === undefined
  }

  child(level: string): Node<Value> | undefined {
    if (this.#children !== undefined) return this.#children.get(level)
    return this.#onlyLevel === level ? this.#onlyChild : undefined
  }

  addChild(level: string): Node<Value> {
    const child = new Node<Value>()
    if (this.#children !== undefined) this.#children.set(level, child)
    else if (this.#onlyChild === undefined) {
      this.#onlyLevel = level
      this.#onlyChild = child
    } else {
      this.#children = new Map([[this.#onlyLevel!, this.#onlyChild]]).set(level, child)
      this.#onlyLevel = undefined
      this.#onlyChild = undefined
    }
    return child
  }

  removeChild(level: string): void {
    if (this.#children === undefined) {
      this.#onlyLevel = undefined
      this.#onlyChild = undefined
      return
    }
    this.#children.delete(level)
    if (this.#children.size === 0) this.#children = undefined
  }

  add(value: Value): void {
    if (this.#values === undefined) this.#values = [value]
    else if (this.#values instanceof Set) this.#values.add(value)
    else {
      this.#values.push(value)
      if (this.#values.length > ARRAY_VALUES_MAX) this.#values = new Set(this.#values)
    }
  }

  remove(value: Value): boolean {
    const values = this.#values
    if (values === undefined) return false
    if (values instanceof Set) {
      const removed = values.delete(value)
      if (values.size === 0) this.#values = undefined
      return removed
    }
    const index = values.indexOf(value)
    if (index < 0) return false
    if (values.length === 1) this.#values = undefined
    else values.splice(index, 1)
    return true
  }

  values(): Iterable<Value> {
    return this.#values ?? []
  }

  *children(): Generator<readonly [level: string, branch: Node<Value>]> {
    if (this.#children !== undefined) yield* this.#children
    else if (this.#onlyChild !== undefined) yield [this.#onlyLevel!, this.#onlyChild]
  }

  collect(into: Value[]): void {
    if (this.#values === undefined) return
    for (const value of this.#values) into.push(value)
  }
}

export class TopicTrie<Value extends object> {
  readonly #root = new Node<Value>()

  /** For those who look. */
  get root(): TopicBranch<Value> {
    return this.#root
  }

  add(topicFilter: string, value: Value): void {
    let node = this.#root
    for (const level of topicFilter.split('/')) node = node.child(level) ?? node.addChild(level)
    node.add(value)
  }

  /** Takes the value out and prunes the branches that held nothing else; false when it was not there. */
  remove(topicFilter: string, value: Value): boolean {
    const path: { readonly node: Node<Value>; readonly level: string }[] = []
    let node = this.#root
    for (const level of topicFilter.split('/')) {
      const child = node.child(level)
      if (child === undefined) return false
      path.push({ node, level })
      node = child
    }
    if (!node.remove(value)) return false
    for (let step = path.pop(); step !== undefined && node.isEmpty; step = path.pop()) {
      step.node.removeChild(step.level)
      node = step.node
    }
    return true
  }

  /** All values whose filter matches; a value added under two matching filters comes twice. */
  match(topicName: string): Value[] {
    const found: Value[] = []
    collectMatches(this.#root, topicName.split('/'), 0, found)
    return found
  }
}

function collectMatches<Value extends object>(
  node: Node<Value>,
  levels: readonly string[],
  depth: number,
  found: Value[],
): void {
  const wildcards = depth > 0 || !levels[0]!.startsWith('$')
  if (wildcards) node.child('#')?.collect(found)
  if (depth === levels.length) {
    node.collect(found)
    return
  }
  const exact = node.child(levels[depth]!)
  if (exact !== undefined) collectMatches(exact, levels, depth + 1, found)
  const any = wildcards ? node.child('+') : undefined
  if (any !== undefined) collectMatches(any, levels, depth + 1, found)
}
