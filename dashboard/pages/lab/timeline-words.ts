// A row of the broker's timeline in a few words, for those kinds that a test of the Lab brings about.

import type { TimelineEntry } from '../../../shared/history.ts'

type Facts = TimelineEntry['data']

const words: Readonly<Partial<Record<TimelineEntry['kind'], (data: Facts, count: number) => string>>> = {
  connect: data =>
    `connected, clean session ${data['cleanStart'] === true ? 'on' : 'off'}; session present: ${data['sessionPresent'] === true ? 'yes' : 'no'}`,
  'connect.refused': data => `refused: ${text(data['detail'])}`,
  created: () => 'a session that outlives its connection began',
  subscribe: data => `subscribed ${subscriptions(data)}`,
  disconnect: data => `disconnected: ${text(data['detail'] ?? data['cause'])}`,
  takeover: () => 'another connection took the session over',
  'queue.started': () => 'messages begin to wait',
  'queue.level': data => `queue ${text(data['percent'])} % full`,
  'queue.dropped': (data, count) => `${count} messages lost: ${text(data['cause'])}`,
  redelivered: data => `${text(data['messages'])} messages in flight sent again`,
  expired: data => `expired with ${text(data['messages'])} messages`,
  cleaned: data => `cleaned with ${text(data['messages'])} messages`,
  ended: data => `ended with ${text(data['messages'])} messages`,
  'broker.restart': () => 'the broker started',
}

export function timelineWords({ kind, data, count }: TimelineEntry): string {
  return words[kind]?.(data, count) ?? kind
}

/** Which of a test's clients it is about: the last part of its client id. */
export function clientOf({ clientId }: TimelineEntry): string {
  if (clientId === null) return 'broker'
  return clientId.endsWith('/pub') ? 'publisher' : 'subscriber'
}

function subscriptions(data: Facts): string {
  const list = data['subscriptions']
  if (!Array.isArray(list)) return ''
  return list
    .map((one: { readonly topicFilter: string; readonly qos: number }) => {
      const [, , ...rest] = one.topicFilter.split('/')
      return `…/${rest.join('/')} at QoS ${one.qos}`
    })
    .join(', ')
}

function text(value: unknown): string {
  return value === undefined || value === null ? '' : String(value)
}
