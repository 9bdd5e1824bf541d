// What of a broker decides how the Lab's tests end, as far as that is known.

import Type, { type Static } from 'typebox'
import { closed, count, orNull } from './shapes.ts'
import { startFactsSchema } from './start-facts.ts'

export const labFactsSchema = Type.Object(
  {
    version: Type.String(),
    queueQos0: Type.Boolean(),
    queueMessagesMax: count,
    queueBytesMax: count,
    queueOverflow: Type.Enum(['drop-oldest', 'drop-newest', 'reject']),
    /** Of 3.1 and 3.1.1 sessions with clean session off; null: never, 0: with the connection. */
    sessionExpirySeconds: orNull(count),
    retainedMessagesMax: count,
    store: Type.Enum(['embedded', 'memory']),
    durability: Type.Enum(['sync', 'os', 'memory']),
    /** Null: it takes no MQTT over WebSocket, which is all that browsers can speak. */
    websocketUrl: orNull(Type.String()),
    websocketPath: Type.String(),
    /** As in the facts of the start page: where it is for whoever has asked for this. */
    websocketPort: startFactsSchema.properties.websocketPort,
    websocketOrigins: Type.Array(Type.String()),
  },
  closed,
)

export type LabFacts = Static<typeof labFactsSchema>

/** Those from which results follow. */
export type KeepingFacts = Pick<
  LabFacts,
  'queueQos0' | 'queueMessagesMax' | 'queueOverflow' | 'sessionExpirySeconds' | 'retainedMessagesMax'
>
