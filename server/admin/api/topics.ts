// The routes that walk through topics, filters and retained messages; their walks wait for one another.

import { Walks } from '../topics/walks.ts'
import type { ApiContext } from './context.ts'
import { retainedRoutes } from './retained.ts'
import type { ApiRoute } from './route.ts'
import { subscriptionRoutes } from './subscriptions.ts'
import { topicMatchRoutes } from './topic-match.ts'
import { topicTreeRoutes } from './topic-tree.ts'

export function topicRoutes(context: ApiContext): readonly ApiRoute[] {
  const walks = new Walks()
  return [
    ...topicTreeRoutes(context, walks),
    ...topicMatchRoutes(context, walks),
    ...subscriptionRoutes(context, walks),
    ...retainedRoutes(context, walks),
  ]
}
