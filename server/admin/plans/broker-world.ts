// The broker and its read model as plans and operations look at them.

import type { BrokerParts } from '../../broker/parts.ts'
import type { SessionTable } from '../../read-model/session-table.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { PlanWorld } from './world.ts'

export interface BrokerWorldGiven {
  readonly parts: BrokerParts
  readonly side: SideDatabase
  readonly table: SessionTable
  protectedPrefixes(): readonly string[]
}

export function brokerWorld({ parts, side, table, protectedPrefixes }: BrokerWorldGiven): PlanWorld {
  const { clock, registry, retained, topics, undo } = parts
  return {
    clock,
    side,
    protectedPrefixes,
    matching: filter => table.clientIds(filter),
    matcher: filter => table.matcher(filter),
    session: clientId => registry.get(clientId),
    retained: topicFilter => retained.each(topicFilter),
    retainedOn: name => {
      const topic = topics.of(name)
      return 'fault' in topic ? undefined : retained.find(topic)
    },
    undoRoom: () => {
      const { windowMs, bytesMax } = undo.limits
      return { windowMs, bytesFree: Math.max(0, bytesMax - undo.bytes) }
    },
  }
}
