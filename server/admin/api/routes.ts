// All routes of the admin API, in the order in which people read about them.

import { brokerRoutes } from './broker.ts'
import type { ApiContext } from './context.ts'
import type { ApiRoute } from './route.ts'

export function apiRoutes(context: ApiContext): readonly ApiRoute[] {
  return [...brokerRoutes(context)]
}
