// What a subscription asks for, as every list of subscriptions shows it.

import { parseSharedFilter } from '../../protocol/rules.ts'
import type { StoredSubscription } from '../../store/store.ts'

export function shownSubscription(subscription: StoredSubscription) {
  const { topicFilter, qos, noLocal, retainAsPublished, retainHandling } = subscription
  const { subscriptionIdentifier } = subscription
  const shared = parseSharedFilter(topicFilter)
  return {
    topicFilter,
    qos,
    noLocal,
    retainAsPublished,
    retainHandling,
    subscriptionIdentifier: subscriptionIdentifier === 0 ? null : subscriptionIdentifier,
    shareGroup: shared !== undefined && 'group' in shared ? shared.group : null,
  }
}
