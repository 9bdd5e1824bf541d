// Topic filters as a tree of levels: finds every value whose filter matches a topic name.
//
//   sport/+/player   matches sport/tennis/player, not sport/player
//   sport/#          matches sport, sport/tennis, sport/tennis/player          [MQTT5-4.7.1-2]
//   # and +/x        match no topic whose first level begins with $            [MQTT5-4.7.2-1]

import type { TopicBranch } from './topic-branch.ts'

/** Above so many values in one node a Set replaces the array: 100,000 clients may share one filter. */
const ARRAY_VALUES_MAX = 32
/** Above so many children a Map replaces the array, in which they are looked for one after the other. */
const ARRAY_CHILDREN_MAX = 8

/** One child or value stands there by itself: an array for each of them would double what a session costs. */
class Node<Value extends object> implements TopicBranch<Value> {
  readonly #level: string
  #children: Node<Value> | Node<Value>[] | Map<string, Node<Value>> | undefined = undefined
  #values: Value | Value[] | Set<Value> | undefined = undefined

  constructor(level: string) {
    this.#level = level
  }

  get isEmpty(): boolean {
    return this.#children === undefined && this.#values === undefined
  }

  child(level: string): Node<Value> | undefined {
    const children = this.#children
    if (children === undefined) return undefined
    if (children instanceof Node) return children.#level === level ? children : undefined
    return children instanceof Map ? children.get(level) : children.find(one => one.#level === level)
  }

  addChild(level: string): Node<Value> {
    const child = new Node<Value>(level)
    const children = this.#children
    if (children === undefined) this.#children = child
    // An array of just that length: one that has grown has room for 17.
    else if (children instanceof Node) this.#children = [children, child]
    else if (children instanceof Map) children.set(level, child)
    else if (children.length < ARRAY_CHILDREN_MAX) children.push(child)
    else this.#children = new Map([...children, child].map(one => [one.#level, one]))
    return child
  }

  removeChild(level: string): void {
    const children = this.#children
    if (children instanceof Map) children.delete(level)
    else if (Array.isArray(children)) {
      const left = children.filter(one => one.#level !== level)
      this.#children = left.length === 1 ? left[0] : left
      return
    }
    if (!(children instanceof Map) || children.size === 0) this.#children = undefined
  }

  add(value: Value): void {
    const values = this.#values
    if (values === undefined) this.#values = value
    else if (values instanceof Set) values.add(value)
    else if (!Array.isArray(values)) this.#values = [values, value]
    else {
      values.push(value)
      if (values.length > ARRAY_VALUES_MAX) this.#values = new Set(values)
    }
  }

  remove(value: Value): boolean {
    const values = this.#values
    if (values instanceof Set) {
      const removed = values.delete(value)
      if (values.size === 0) this.#values = undefined
      return removed
    }
    if (!Array.isArray(values)) {
      if (values !== value) return false
      this.#values = undefined
      return true
    }
    const index = values.indexOf(value)
    if (index < 0) return false
    if (values.length === 2) this.#values = values[1 - index]
    else values.splice(index, 1)
    return true
  }

  values(): Iterable<Value> {
    const values = this.#values
    if (values === undefined) return []
    return values instanceof Set || Array.isArray(values) ? values : [values]
  }

  *children(): Generator<readonly [level: string, branch: Node<Value>]> {
    const children = this.#children
    if (children === undefined) return
    if (children instanceof Map) yield* children
    else if (children instanceof Node) yield [children.#level, children]
    else for (const child of children) yield [child.#level, child]
  }

  collect(into: Value[]): void {
    const values = this.#values
    if (values === undefined) return
    if (values instanceof Set || Array.isArray(values)) for (const value of values) into.push(value)
    else into.push(values)
  }
}

export class TopicTrie<Value extends object> {
  readonly #root = new Node<Value>('')

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
