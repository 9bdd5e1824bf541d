// Metrics of what the broker holds: sessions, subscriptions, retained messages, and what it could not deliver.

import type { Broker } from '../../broker/broker.ts'
import type { LossReason } from '../../store/store.ts'
import type { Family } from './family.ts'

const lossReasons: Readonly<Record<LossReason, string>> = {
  'queue-full': 'the queue of its session was full',
  expired: 'its expiry came before its receiver',
  'too-large': 'its receiver takes no packet of that size',
  'session-ended': 'its session expired or ended with its connection',
  'session-cleaned': 'its client began anew, or an operator cleaned the session',
  removed: 'an operator took it out of its queue',
  'store-full': 'the store was full',
  'offline-qos-0': 'it was QoS 0, and its receiver was away',
  'slow-consumer': 'it was QoS 0, and its receiver did not read',
  damaged: 'its record could not be read back from the disk',
}

const states = { connected: 'its client is there', disconnected: 'its client is away' } as const

export function sessionFamilies(broker: Broker): readonly Family[] {
  const { registry, settings } = broker.parts
  return [
    {
      type: 'gauge',
      name: 'holdfast_sessions',
      help: 'Sessions by whether their client is connected.',
      labels: { state: states },
      read: () => [
        [{ state: 'connected' }, registry.connected],
        [{ state: 'disconnected' }, registry.count - registry.connected],
      ],
    },
    {
      type: 'gauge',
      name: 'holdfast_sessions_limit',
      help: 'The most sessions there may be (`sessions-max`).',
      read: () => settings.sessionsMax,
    },
    {
      type: 'counter',
      name: 'holdfast_messages_lost_total',
      help: 'Messages that were meant for a session and did not reach it; one for ten sessions is ten.',
      labels: { reason: lossReasons },
      read: () =>
        Object.keys(lossReasons).map(reason => [{ reason }, broker.losses.get(reason as LossReason) ?? 0]),
    },
  ]
}

export function topicFamilies({ parts }: Broker): readonly Family[] {
  const { router, retained, settings } = parts
  return [
    {
      type: 'gauge',
      name: 'holdfast_subscriptions',
      help: 'Subscriptions of all sessions.',
      read: () => router.subscriptions,
    },
    {
      type: 'gauge',
      name: 'holdfast_shared_subscriptions',
      help: 'Shared subscriptions: groups with their filter, however many members they have.',
      read: () => router.sharedGroups,
    },
    {
      type: 'gauge',
      name: 'holdfast_retained_messages',
      help: 'Retained messages, those of `$SYS` included.',
      read: () => retained.messages,
    },
    {
      type: 'gauge',
      name: 'holdfast_retained_bytes',
      help: 'Their bytes.',
      read: () => retained.bytes,
    },
    {
      type: 'gauge',
      name: 'holdfast_retained_messages_limit',
      help: 'The most retained messages there may be (`retained-messages-max`).',
      read: () => settings.retainedMessagesMax,
    },
  ]
}
