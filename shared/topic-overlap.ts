// How topic filters lie to each other: whether some topic would match both, whether one goes on from a path, whether one
// takes in nearly everything.

/** The filter behind `$share/group/`, level by level. */
export function filterLevels(topicFilter: string): readonly string[] {
  const levels = topicFilter.split('/')
  return levels[0] === '$share' ? levels.slice(2) : levels
}

/** Whether a topic filter is this path of whole levels, or goes on from it. */
export function liesAtOrBelow(topicFilter: string, path: string): boolean {
  const filter = filterLevels(topicFilter).join('/')
  return filter === path || filter.startsWith(`${path}/`)
}

/** [MQTT5-4.7.1-2, MQTT5-4.7.1-3, MQTT5-4.7.2-1] */
export function levelsOverlap(one: readonly string[], other: readonly string[]): boolean {
  if (hidesFrom(one[0], other[0]) || hidesFrom(other[0], one[0])) return false
  for (let at = 0; ; at++) {
    const [left, right] = [one[at], other[at]]
    if (left === '#' || right === '#') return true
    if (left === undefined || right === undefined) return left === right
    if (left !== '+' && right !== '+' && left !== right) return false
  }
}

/** `#`, or `+` in all levels before it. */
export function isBroad(levels: readonly string[]): boolean {
  return levels.at(-1) === '#' && levels.slice(0, -1).every(level => level === '+')
}

/** No wildcard in the first level stands for one that begins with $. */
function hidesFrom(level: string | undefined, wildcard: string | undefined): boolean {
  return level?.startsWith('$') === true && (wildcard === '+' || wildcard === '#')
}
