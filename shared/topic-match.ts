// Whether a topic filter matches a topic name, for one pair; the router has its own index for many.

/** [MQTT5-4.7.1-2, MQTT5-4.7.1-3, MQTT5-4.7.2-1]; a shared subscription matches what its filter does. */
export function matchesTopic(topicFilter: string, topicName: string): boolean {
  let at = filterStart(topicFilter)
  if (topicName.startsWith('$') && (topicFilter[at] === '+' || topicFilter[at] === '#')) return false
  // One level a round; asked a million times for one search, so that it walks along both texts and splits neither.
  for (let topicAt = 0; ; at++, topicAt++) {
    if (topicFilter[at] === '#') return true
    const filterEnd = levelEnd(topicFilter, at)
    const topicEnd = levelEnd(topicName, topicAt)
    if (topicFilter[at] !== '+') {
      const length = filterEnd - at
      if (topicEnd - topicAt !== length) return false
      for (let index = 0; index < length; index++) {
        if (topicFilter.charCodeAt(at + index) !== topicName.charCodeAt(topicAt + index)) return false
      }
    }
    if (filterEnd === topicFilter.length) return topicEnd === topicName.length
    if (topicEnd === topicName.length)
      return topicFilter.length === filterEnd + 2 && topicFilter.endsWith('/#')
    at = filterEnd
    topicAt = topicEnd
  }
}

/** Behind `$share/group/`. */
function filterStart(topicFilter: string): number {
  return topicFilter.startsWith('$share/') ? topicFilter.indexOf('/', '$share/'.length) + 1 : 0
}

function levelEnd(text: string, from: number): number {
  const end = text.indexOf('/', from)
  return end === -1 ? text.length : end
}
