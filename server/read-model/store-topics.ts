// The `$SYS` topics about the durable store and about lost messages, which mosquitto has no names for.

import type { Broker } from '../broker/broker.ts'

/** Said instead of a problem or a warning while there is none: an empty payload would take the retained message away. */
const NOTHING = 'none'

export function storeTopics({ parts }: Broker): Readonly<Record<string, string | number>> {
  const { statistics, problem } = parts.durable
  const warning = { 'store/warning': parts.storeWarning.text ?? NOTHING }
  if (statistics === undefined) return warning
  const { commits, messagesWritten } = statistics
  const queued = parts.durable.totals()
  return {
    ...warning,
    'store/problem': problem ?? NOTHING,
    'store/commits': commits,
    'store/messages/written': messagesWritten,
    'store/messages/per-commit': commits === 0 ? 0 : rounded(messagesWritten / commits),
    'store/sync/last-milliseconds': rounded(statistics.lastSyncMs),
    'store/sync/mean-milliseconds': rounded(statistics.meanSyncMs),
    'store/sync/percentile-99-milliseconds': rounded(statistics.percentile99SyncMs),
    'store/file/bytes': statistics.fileBytes,
    'store/queued/messages': queued.messages,
    'store/queued/bytes': queued.bytes,
  }
}

/** Each reason from its first loss on. */
export function lossTopics({ losses }: Broker): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...losses].map(([reason, count]) => [`publish/messages/dropped/${reason}`, count]),
  )
}

function rounded(value: number): string {
  return value.toFixed(2)
}
