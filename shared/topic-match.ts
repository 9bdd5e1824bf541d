// Whether a topic filter matches a topic name, for one pair; the router has its own index for many.

/** [MQTT5-4.7.1-2, MQTT5-4.7.1-3, MQTT5-4.7.2-1]; a shared subscription matches what its filter does. */
export function matchesTopic(topicFilter: string, topicName: string): boolean {
  const filter = topicFilter.startsWith('$share/') ? topicFilter.split('/').slice(2).join('/') : topicFilter
  if (topicName.startsWith('$') && (filter.startsWith('+') || filter.startsWith('#'))) return false
  const wanted = filter.split('/')
  const levels = topicName.split('/')
  for (const [at, level] of wanted.entries()) {
    if (level === '#') return true
    if (at >= levels.length || (level !== '+' && level !== levels[at])) return false
  }
  return wanted.length === levels.length
}
