// A tree of topics or topic filters for those who look at it: what hangs on each level, and what lies below.

export interface TopicBranch<Value> {
  values(): Iterable<Value>
  children(): Iterable<readonly [level: string, branch: TopicBranch<Value>]>
  child(level: string): TopicBranch<Value> | undefined
}

/** One step of a walk: a branch with its path, where it stands for something that is looked for. */
interface Step<Value> {
  readonly branch: TopicBranch<Value>
  /** Of the level of the filter that its children are held to. */
  readonly depth: number
}

/**
 * Values of all topics that the filter matches, in no order. Undefined comes in between, so that whoever walks
 * through many topics can let others have their turn; what changes meanwhile is seen or not.
 */
export function* walkTopics<Value>(
  root: TopicBranch<Value>,
  topicFilter: string,
): Generator<Value | undefined> {
  const levels = topicFilter.split('/')
  const path: Iterator<Step<Value>>[] = [[{ branch: root, depth: 0 }].values()]
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const { value: step, done } = top.next()
    yield undefined
    if (done === true) {
      path.pop()
      continue
    }
    const level = levels[step.depth]
    if (level === undefined || level === '#') yield* step.branch.values()
    path.push(stepsBelow(step, level, step.branch === root))
  }
}

/** `#` stays where it is [MQTT5-4.7.1-2]; no wildcard stands for a first level that begins with $ [MQTT5-4.7.2-1]. */
function* stepsBelow<Value>(
  { branch, depth }: Step<Value>,
  level: string | undefined,
  isRoot: boolean,
): Generator<Step<Value>, undefined> {
  if (level === undefined) return
  if (level !== '#' && level !== '+') {
    const child = branch.child(level)
    if (child !== undefined) yield { branch: child, depth: depth + 1 }
    return
  }
  for (const [name, child] of branch.children()) {
    if (isRoot && name.startsWith('$')) continue
    yield { branch: child, depth: level === '#' ? depth : depth + 1 }
  }
}

/** The branch at the end of a path of levels. */
export function branchAt<Value>(
  root: TopicBranch<Value>,
  path: readonly string[],
): TopicBranch<Value> | undefined {
  let branch: TopicBranch<Value> | undefined = root
  for (const level of path) branch = branch?.child(level)
  return branch
}
