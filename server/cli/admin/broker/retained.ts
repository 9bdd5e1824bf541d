// `retained`: what new subscribers get at once, and taking it away.

import { bytesInWords } from '../../../../shared/plain-words.ts'
import type { RetainedMessage } from '../../../../shared/retained.ts'
import { CliProblem } from '../cli-problem.ts'
import { limitFlag } from '../flags.ts'
import { actOnMany, executeFlags } from '../plans/bulk.ts'
import { planOptions, rateFlag } from '../plans/plan-options.ts'
import { printList } from '../print-list.ts'
import type { Printer } from '../printer.ts'
import type { AdminSpec } from '../spec.ts'
import type { Column } from '../table.ts'
import { brokerGroup } from './event-commands.ts'

const topicFilterFlag = {
  name: '--filter',
  value: 'TOPIC-FILTER',
  meaning: 'Of the topics that an MQTT topic filter matches: `orders/+/status`, `#`.',
} as const

export const retainedCommands: readonly AdminSpec[] = [
  {
    name: 'retained list',
    group: brokerGroup,
    summary: 'List retained messages, without their payloads.',
    flags: [topicFilterFlag, limitFlag],
    run: async given => {
      const query = { filter: given.options.get('--filter') }
      const columns = columnsOf(given.print)
      await printList<RetainedMessage>(given, { path: '/retained', query, columns, what: 'retained message' })
    },
  },
  {
    name: 'retained delete',
    group: brokerGroup,
    summary: 'Delete retained messages; nobody is told, and new subscribers no longer get them.',
    explanation:
      'One topic is done at once; several, or a --filter, are shown first and done when confirmed.',
    operands: [{ name: 'TOPIC', times: 'any' }],
    flags: [topicFilterFlag, rateFlag, ...executeFlags],
    run: async given => {
      const { operands, options } = given
      const filter = options.get('--filter')
      if ((filter === undefined) === (operands.length === 0))
        throw new CliProblem('wrongUsage', 'Name the topics, or give --filter: one of them, not both.')
      const meant = filter === undefined ? { topics: [...operands] } : { filter }
      await actOnMany(given, { action: 'retained.delete', ...meant, options: planOptions(given) })
    },
  },
]

function columnsOf(print: Printer): readonly Column<RetainedMessage>[] {
  return [
    { title: 'Topic', text: ({ topic }) => topic, shrinksTo: 16 },
    { title: 'QoS', text: ({ qos }) => `${qos}`, align: 'right' },
    { title: 'Size', text: ({ payloadBytes }) => bytesInWords(payloadBytes), align: 'right' },
    { title: 'Set', text: ({ setAt }) => print.time(setAt) },
    { title: 'Ends', text: ({ expiresAt }) => (expiresAt === null ? 'never' : print.time(expiresAt)) },
    { title: 'From', text: ({ publisher }) => publisher ?? '(the broker)', shrinksTo: 8 },
  ]
}
