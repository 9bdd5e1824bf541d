// `sessions timeline`: what has happened to a client id, the newest first.

import { type TimelineEntry, timelineKinds } from '../../../../shared/history.ts'
import { pathSegment } from '../../../../shared/path-segment.ts'
import { eventColumns } from '../broker/event-columns.ts'
import { limitFlag } from '../flags.ts'
import { printList } from '../print-list.ts'
import type { AdminSpec } from '../spec.ts'
import { clientIdOperand } from './client-id.ts'
import { sessionsGroup } from './list.ts'

export const kindFlag = {
  name: '--kind',
  value: 'LIST',
  meaning: `Only such, with commas between: ${timelineKinds.slice(0, 4).join(', ')}, ... (docs/HISTORY.md).`,
} as const

export const sessionTimelineCommand: AdminSpec = {
  name: 'sessions timeline',
  group: sessionsGroup,
  summary: 'Show what has happened to a client id, the newest first, also when it has no session now.',
  operands: clientIdOperand,
  flags: [kindFlag, limitFlag],
  run: async given => {
    const path = `/sessions/${pathSegment(given.operands[0] ?? '')}/events`
    const columns = eventColumns(given.print, { clientId: false })
    const query = { kind: given.options.get('--kind') }
    await printList<TimelineEntry>(given, { path, query, columns, what: 'event' })
  },
}
