// All routes of the admin API, in the order in which people read about them.

import { auditRoutes } from './audit.ts'
import { authRoutes } from './auth.ts'
import { brokerRoutes } from './broker.ts'
import { conflictRoutes } from './conflicts.ts'
import type { ApiContext } from './context.ts'
import { eventRoutes } from './events.ts'
import { keyRoutes } from './keys.ts'
import { labRoutes } from './lab.ts'
import { liveRoutes } from './live.ts'
import { operationRoutes } from './operations.ts'
import { overviewRoutes } from './overview.ts'
import { planRoutes } from './plans.ts'
import type { ApiRoute } from './route.ts'
import { seriesRoutes } from './series.ts'
import { sessionRoutes } from './session-routes.ts'
import { settingRoutes } from './settings.ts'
import { tombstoneRoutes } from './tombstones.ts'
import { topicRoutes } from './topics.ts'
import { userRoutes } from './users.ts'
import { viewRoutes } from './views.ts'

export function apiRoutes(context: ApiContext): readonly ApiRoute[] {
  return [
    ...authRoutes(context),
    ...brokerRoutes(context),
    ...sessionRoutes(context),
    ...overviewRoutes(context),
    ...planRoutes(context),
    ...operationRoutes(context),
    ...tombstoneRoutes(context),
    ...topicRoutes(context),
    ...eventRoutes(context),
    ...liveRoutes(context),
    ...conflictRoutes(context),
    ...seriesRoutes(context),
    ...labRoutes(context),
    ...userRoutes(context),
    ...keyRoutes(context),
    ...settingRoutes(context),
    ...viewRoutes(context),
    ...auditRoutes(context),
  ]
}
