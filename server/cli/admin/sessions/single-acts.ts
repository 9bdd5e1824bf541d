// `sessions release`, `subscribe` and `unsubscribe`: acts on one client id alone.

import { pathSegment } from '../../../../shared/path-segment.ts'
import { oneOfWords } from '../arguments.ts'
import { reasonFlag } from '../flags.ts'
import type { AdminSpec } from '../spec.ts'
import { actOnOne } from './acts.ts'
import { clientIdOperand } from './client-id.ts'
import { sessionsGroup } from './list.ts'

const filterOperands = [...clientIdOperand, { name: 'TOPIC-FILTER', times: 'once' }] as const

export const singleActCommands: readonly AdminSpec[] = [
  {
    name: 'sessions release',
    group: sessionsGroup,
    summary: 'Let a client id in again that is held.',
    operands: clientIdOperand,
    flags: [reasonFlag],
    run: given =>
      actOnOne(given, given.operands[0] ?? '', { method: 'DELETE', path: '/hold', isOfClientId: true }),
  },
  {
    name: 'sessions subscribe',
    group: sessionsGroup,
    summary: 'Add a subscription to a session, as if its client had asked for it.',
    operands: filterOperands,
    flags: [{ name: '--qos', value: 'QOS', meaning: '0, 1 (the default) or 2.' }, reasonFlag],
    run: given => {
      const [clientId = '', topicFilter = ''] = given.operands
      const qos = Number(oneOfWords(given, '--qos', ['0', '1', '2']) ?? '1')
      return actOnOne(given, clientId, { method: 'POST', path: '/subscriptions', body: { topicFilter, qos } })
    },
  },
  {
    name: 'sessions unsubscribe',
    group: sessionsGroup,
    summary: 'Remove a subscription of a session.',
    operands: filterOperands,
    flags: [reasonFlag],
    run: given => {
      const [clientId = '', topicFilter = ''] = given.operands
      return actOnOne(given, clientId, {
        method: 'DELETE',
        path: `/subscriptions/${pathSegment(topicFilter)}`,
      })
    },
  },
]
