// Metrics of the store: what it holds, how fast the disk takes it, and whether it takes it at all.

import type { BrokerParts } from '../../broker/parts.ts'
import type { StoreStatistics } from '../../store/store.ts'
import type { Distribution, Family } from './family.ts'

const stores = {
  durable: 'of sessions that outlive their connection',
  volatile: 'of sessions that end with it, in memory only',
} as const

type Held = Pick<BrokerParts, 'durable' | 'volatile' | 'settings' | 'storeWarning'>

export function storeFamilies(held: Held): readonly Family[] {
  return [...contentFamilies(held), ...diskFamilies(held), ...commitFamilies(held)]
}

function contentFamilies({ durable, volatile, settings }: Held): readonly Family[] {
  const each = (of: 'messages' | 'bytes') => () => [
    [{ store: 'durable' }, durable.totals()[of]] as const,
    [{ store: 'volatile' }, volatile.totals()[of]] as const,
  ]
  return [
    {
      type: 'gauge',
      name: 'holdfast_store_messages',
      help: 'Messages that are owed to somebody, each counted once however many queues it is in.',
      labels: { store: stores },
      read: each('messages'),
    },
    {
      type: 'gauge',
      name: 'holdfast_store_message_bytes',
      help: 'Their bytes.',
      labels: { store: stores },
      read: each('bytes'),
    },
    {
      type: 'gauge',
      name: 'holdfast_store_message_bytes_limit',
      help: 'The most bytes each store takes (`store-bytes-max`).',
      read: () => settings.storeBytesMax,
    },
  ]
}

function diskFamilies({ durable, storeWarning }: Held): readonly Family[] {
  const statistic = (of: (statistics: StoreStatistics) => number | undefined) => () =>
    durable.statistics === undefined ? undefined : of(durable.statistics)
  return [
    {
      type: 'gauge',
      name: 'holdfast_store_problem',
      help: '1 while the store takes no messages: the reason is in the log, in `/health/ready` and in `$SYS`.',
      read: () => (durable.problem === undefined ? 0 : 1),
    },
    {
      type: 'gauge',
      name: 'holdfast_store_warning',
      help: '1 while the disk or a store is nearly full: 90 % until it is below 85 %. Which, `/health/ready` and `$SYS` say.',
      read: () => (storeWarning.text === undefined ? 0 : 1),
    },
    {
      type: 'gauge',
      name: 'holdfast_store_disk_bytes',
      help: 'What messages may use of the disk of the data directory, other files included.',
      read: statistic(({ disk }) => disk?.bytes),
    },
    {
      type: 'gauge',
      name: 'holdfast_store_disk_free_bytes',
      help: 'What of that is free.',
      read: statistic(({ disk }) => disk?.freeBytes),
    },
    {
      type: 'gauge',
      name: 'holdfast_store_file_bytes',
      help: 'Size of the files on the disk, after the last commit.',
      read: statistic(({ fileBytes }) => fileBytes),
    },
    {
      type: 'gauge',
      name: 'holdfast_store_commit_pending_seconds',
      help: 'For how long the batch that is being written has been with the disk; more than a second or two: it hangs.',
      read: statistic(({ writingMs }) => writingMs / 1000),
    },
  ]
}

function commitFamilies({ durable }: Held): readonly Family[] {
  const statistic = (of: (statistics: StoreStatistics) => number) => () =>
    durable.statistics === undefined ? undefined : of(durable.statistics)
  return [
    {
      type: 'counter',
      name: 'holdfast_store_commits_total',
      help: 'Batches that were written, each of them one transaction and one sync.',
      read: statistic(({ commits }) => commits),
    },
    {
      type: 'counter',
      name: 'holdfast_store_commits_refused_total',
      help: 'Batches that did not fit on the disk. Any other failure ends the broker.',
      read: statistic(({ commitsRefused }) => commitsRefused),
    },
    {
      type: 'counter',
      name: 'holdfast_store_messages_written_total',
      help: 'Messages that were written; what all receivers acknowledge at once never is.',
      read: statistic(({ messagesWritten }) => messagesWritten),
    },
    {
      type: 'histogram',
      name: 'holdfast_store_commit_duration_seconds',
      help: 'How long commits took, from the first write until the disk had it.',
      read: () => (durable.statistics === undefined ? [] : [commitTimes(durable.statistics)]),
    },
  ]
}

function commitTimes({ syncsWithin, sumSyncMs, commits }: StoreStatistics): Distribution {
  const within = syncsWithin.map(({ boundMs, times }) => ({ bound: boundMs / 1000, count: times }))
  return { labels: {}, within, sum: sumSyncMs / 1000, count: commits }
}
