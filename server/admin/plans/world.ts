// What plans and operations look at: sessions as the read model finds them, and as the broker has them.

import type { Filter } from '../../../shared/filter-grammar.ts'
import type { Clock } from '../../clock.ts'
import type { Message } from '../../protocol/message.ts'
import type { Session } from '../../session/session.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { UndoRoom } from './totals.ts'

export interface PlanWorld {
  readonly clock: Clock
  readonly side: SideDatabase
  /** Client identifiers of all sessions that match at one moment, found in slices of the event loop. */
  matching(
    filter: Filter,
  ): Promise<
    | { readonly at: 'found'; readonly clientIds: readonly string[] }
    | { readonly at: 'overloaded'; readonly detail: string }
  >
  /** Whether the session of a client identifier matches; good for this turn of the event loop. */
  matcher(filter: Filter): (clientId: string) => boolean
  session(clientId: string): Session | undefined
  /** Of all topics that the topic filter matches, one by one. */
  retained(topicFilter: string): Iterable<Message>
  retainedOn(topic: string): Message | undefined
  undoRoom(): UndoRoom
  /** Of client identifiers that bulk acts leave alone. */
  protectedPrefixes(): readonly string[]
}
