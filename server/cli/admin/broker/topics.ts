// `topics match`: who would get a message, who would not, and why.

import { countInWords, numberInWords } from '../../../../shared/plain-words.ts'
import { type TopicMatch, type TopicReceiver, topicOutcomes } from '../../../../shared/topics.ts'
import { oneOfWords } from '../arguments.ts'
import { limitFlag, limitOf } from '../flags.ts'
import type { Printer } from '../printer.ts'
import type { AdminSpec } from '../spec.ts'
import type { Column } from '../table.ts'
import { brokerGroup } from './event-commands.ts'

const RECEIVERS_MAX = 1_000

export const topicMatchCommand: AdminSpec = {
  name: 'topics match',
  group: brokerGroup,
  summary: 'Say who would get a message of a topic now, who would not, and why; nothing is sent.',
  operands: [{ name: 'TOPIC', times: 'once' }],
  flags: [{ name: '--qos', value: 'QOS', meaning: 'Of the message: 0, 1 (the default) or 2.' }, limitFlag],
  run: async given => {
    const { api, print, operands } = given
    const qos = oneOfWords(given, '--qos', ['0', '1', '2']) ?? '1'
    const limit = Math.min(RECEIVERS_MAX, limitOf(given))
    const { body } = await api.get('/topics/match', { topic: operands[0], qos, limit })
    if (print.isJson) print.json(body)
    else showMatch(print, body as TopicMatch)
  },
}

function showMatch(print: Printer, { topic, outcomes, data, groups, page }: TopicMatch): void {
  const told = topicOutcomes.map(outcome => `${numberInWords(outcomes[outcome])} ${outcome}`)
  print.line(`A message of ${topic} now: ${told.join(', ')}.`)
  if (data.length > 0) print.table(receiverColumns, data)
  if (page.hasMore) print.note(`These are the first ${data.length} receivers; --limit N shows more.`)
  for (const { sharedFilter, members, next, data: shown } of groups) {
    const turn = next === null ? '' : `, next ${next}`
    print.line()
    print.line(`One of ${countInWords(members, 'member')} of ${sharedFilter}${turn}:`)
    if (shown.length > 0) print.table(receiverColumns, shown)
  }
}

const receiverColumns: readonly Column<TopicReceiver>[] = [
  { title: 'Client id', text: ({ clientId }) => clientId, shrinksTo: 12 },
  { title: 'State', text: ({ connected }) => (connected ? 'online' : 'offline') },
  { title: 'QoS', text: ({ qos }) => `${qos}`, align: 'right' },
  { title: 'Outcome', text: ({ outcome }) => outcome },
  { title: 'By', text: ({ filters }) => filters.map(one => one.topicFilter).join(' '), shrinksTo: 8 },
  { title: 'Why', text: ({ why }) => why, shrinksTo: 16 },
]
