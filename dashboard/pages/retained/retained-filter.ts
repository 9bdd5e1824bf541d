// What somebody types to find retained messages, as the topic filter that finds them.

/** A filter with wildcards is taken as it is; of a topic, everything at it and below. */
export function topicFilterOf(text: string): string {
  const typed = text.trim()
  if (typed === '') return '#'
  if (/[+#]/.test(typed)) return typed
  return typed.endsWith('/') ? `${typed}#` : `${typed}/#`
}

/** Set by the broker itself, which sets them again. */
export function isBrokers(topic: string): boolean {
  return topic === '$SYS' || topic.startsWith('$SYS/')
}
