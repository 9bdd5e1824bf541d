// For each alert a course of events that must raise it, and one close to it that must not; in promtool's notation,
// a value each 15 s.

export interface AlertCase {
  readonly alert: string
  readonly series: Readonly<Record<string, string>>
  readonly quiet: Readonly<Record<string, string>>
  /** Of the alert that is raised, beside job and instance. */
  readonly labels: Readonly<Record<string, string>>
  readonly summary: string
}

const always = (value: number): string => `${value}+0x100`
const growingBy = (step: number): string => `0+${step}x100`

function delays(slow: number): Readonly<Record<string, string>> {
  return {
    'holdfast_event_loop_delay_seconds_bucket{le="0.1"}': growingBy(100 - slow),
    'holdfast_event_loop_delay_seconds_bucket{le="0.2"}': growingBy(100),
    'holdfast_event_loop_delay_seconds_bucket{le="+Inf"}': growingBy(100),
  }
}

const critical = { severity: 'critical' } as const
const warning = { severity: 'warning' } as const

export const alertCases: readonly AlertCase[] = [
  {
    alert: 'HoldfastDown',
    series: { up: always(0) },
    quiet: { up: always(1) },
    labels: critical,
    summary: 'b does not answer',
  },
  {
    alert: 'HoldfastStoreProblem',
    series: { holdfast_store_problem: always(1) },
    quiet: { holdfast_store_problem: always(0) },
    labels: critical,
    summary: 'The store of b takes no messages',
  },
  {
    alert: 'HoldfastStoreHangs',
    series: { holdfast_store_commit_pending_seconds: '0+15x100' },
    quiet: { holdfast_store_commit_pending_seconds: '0.2 0 1 0.1 6 0+0x100' },
    labels: critical,
    summary: 'A commit of b has taken 20m 0s and is not done',
  },
  {
    alert: 'HoldfastNoCommits',
    series: {
      holdfast_store_commits_total: always(5),
      'holdfast_sessions_created_total{persistence="persistent"}': growingBy(1),
      'holdfast_sessions_created_total{persistence="transient"}': growingBy(1),
    },
    quiet: {
      holdfast_store_commits_total: always(5),
      'holdfast_sessions_created_total{persistence="persistent"}': always(7),
      'holdfast_sessions_created_total{persistence="transient"}': growingBy(1),
    },
    labels: warning,
    summary: 'b made persistent sessions and has committed nothing for 5 minutes',
  },
  {
    alert: 'HoldfastStoreNearlyFull',
    series: {
      'holdfast_store_message_bytes{store="durable"}': always(91),
      holdfast_store_message_bytes_limit: always(100),
    },
    quiet: {
      'holdfast_store_message_bytes{store="durable"}': always(89),
      'holdfast_store_message_bytes{store="volatile"}': always(95),
      holdfast_store_message_bytes_limit: always(100),
    },
    labels: { ...warning, store: 'durable' },
    summary: 'The store of b holds more than 90 % of store-bytes-max',
  },
  {
    alert: 'HoldfastDiskNearlyFull',
    series: { holdfast_store_disk_bytes: always(1000), holdfast_store_disk_free_bytes: always(99) },
    quiet: { holdfast_store_disk_bytes: always(1000), holdfast_store_disk_free_bytes: always(101) },
    labels: warning,
    summary: 'The disk of b is more than 90 % full',
  },
  {
    alert: 'HoldfastQueueFull',
    series: { 'holdfast_queues{fill="full"}': always(1) },
    quiet: { 'holdfast_queues{fill="full"}': always(0), 'holdfast_queues{fill="high"}': always(3) },
    labels: { ...warning, fill: 'full' },
    summary: '1 queues of b are full',
  },
  {
    alert: 'HoldfastMessagesLost',
    series: { 'holdfast_messages_lost_total{reason="queue-full"}': growingBy(1) },
    quiet: {
      'holdfast_messages_lost_total{reason="queue-full"}': always(12),
      'holdfast_messages_lost_total{reason="offline-qos-0"}': growingBy(100),
    },
    labels: { ...warning, reason: 'queue-full' },
    summary: 'b lost 20 messages in 5 minutes: queue-full',
  },
  {
    alert: 'HoldfastEventLoopSlow',
    series: delays(2),
    quiet: delays(0.5),
    labels: warning,
    summary: 'The event loop of b is 150ms late (99th percentile)',
  },
  {
    alert: 'HoldfastTakeoverConflict',
    series: { holdfast_takeovers_total: growingBy(6) },
    quiet: { holdfast_takeovers_total: growingBy(2) },
    labels: warning,
    summary: 'Clients of b took 120 sessions from each other in 5 minutes',
  },
  {
    alert: 'HoldfastConnectionsNearlyFull',
    series: {
      'holdfast_connections{transport="tcp"}': always(46),
      'holdfast_connections{transport="websocket"}': always(46),
      holdfast_connections_limit: always(100),
    },
    quiet: {
      'holdfast_connections{transport="tcp"}': always(46),
      'holdfast_connections{transport="websocket"}': always(43),
      holdfast_connections_limit: always(100),
    },
    labels: warning,
    summary: 'b has more than 90 % of the connections it may have',
  },
]
