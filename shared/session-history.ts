// What the history tells of one client id: pages of its timeline and of the messages it has lost.

import Type from 'typebox'
import { lossCountSchema, lostMessageSchema, timelineEntrySchema } from './history.ts'
import { closed, pageSchema } from './shapes.ts'

export const timelinePageSchema = Type.Object(
  { data: Type.Array(timelineEntrySchema), page: pageSchema },
  closed,
)

export const sessionLossesSchema = Type.Object(
  {
    /** Of the session that is there now, by reason, since it was created; empty when there is none. */
    counts: Type.Array(lossCountSchema),
    /** Single messages of that client id, the newest first; of many only some are kept (docs/HISTORY.md). */
    data: Type.Array(lostMessageSchema),
    page: pageSchema,
  },
  closed,
)

export type TimelinePage = Type.Static<typeof timelinePageSchema>
export type SessionLosses = Type.Static<typeof sessionLossesSchema>
