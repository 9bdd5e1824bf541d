// All routes about sessions, in the order in which people read about them.

import type { ApiContext } from './context.ts'
import type { ApiRoute } from './route.ts'
import { sessionActRoutes } from './session-acts.ts'
import { sessionDetailRoutes } from './session-detail.ts'
import { sessionExpiryRoutes } from './session-expiry.ts'
import { sessionExportRoutes } from './session-export.ts'
import { sessionHistoryRoutes } from './session-history.ts'
import { sessionHoldRoutes } from './session-hold.ts'
import { sessionInflightRoutes } from './session-inflight.ts'
import { sessionPayloadRoutes } from './session-payload.ts'
import { sessionQueueRoutes } from './session-queue.ts'
import { sessionSubscriptionRoutes } from './session-subscriptions.ts'
import { sessionListRoutes } from './sessions.ts'

export function sessionRoutes(context: ApiContext): readonly ApiRoute[] {
  return [
    ...sessionListRoutes(context),
    ...sessionExportRoutes(context),
    ...sessionDetailRoutes(context),
    ...sessionExpiryRoutes(context),
    ...sessionActRoutes(context),
    ...sessionHoldRoutes(context),
    ...sessionQueueRoutes(context),
    ...sessionPayloadRoutes(context),
    ...sessionInflightRoutes(context),
    ...sessionSubscriptionRoutes(context),
    ...sessionHistoryRoutes(context),
  ]
}
