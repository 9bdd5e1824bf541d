// `retained`: what new subscribers get at once, and taking it away.

import { pathSegment } from '../../../../shared/path-segment.ts'
import { bytesInWords } from '../../../../shared/plain-words.ts'
import type { RetainedDeleted, RetainedMessage } from '../../../../shared/retained.ts'
import { CliProblem } from '../cli-problem.ts'
import { limitFlag, reasonOf } from '../flags.ts'
import { actOnMany, executeFlags } from '../plans/bulk.ts'
import { planOptions, rateFlag } from '../plans/plan-options.ts'
import { printList } from '../print-list.ts'
import type { Printer } from '../printer.ts'
import type { AdminRun, AdminSpec } from '../spec.ts'
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
      const [topic, ...more] = operands
      if (topic !== undefined && more.length === 0) return deleteOne(given, topic)
      const meant = filter === undefined ? { topics: [...operands] } : { filter }
      await actOnMany(given, { action: 'retained.delete', ...meant, options: planOptions(given) })
    },
  },
]

async function deleteOne(given: AdminRun, topic: string): Promise<void> {
  const { api, print } = given
  const path = `/retained/${pathSegment(topic)}`
  const { body } = await api.send('DELETE', path, { reason: reasonOf(given) })
  const done = body as RetainedDeleted
  if (print.isJson) {
    print.json(done)
    return
  }
  print.line(done.sentence)
  if (done.notOnDisk !== null) print.note(`It is not on the disk yet: ${done.notOnDisk}`)
  const { tombstone } = done
  if (tombstone !== null)
    print.line(`To put it back (${print.deadline(tombstone.undoUntil)}): holdfast undo ${tombstone.id}`)
}

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
