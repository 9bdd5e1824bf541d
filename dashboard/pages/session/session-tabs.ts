// The tabs of a session, by the word that stands in the address; their keys are their places.

export const sessionTabs = [
  'timeline',
  'queue',
  'inflight',
  'subscriptions',
  'connection',
  'developers',
] as const
export type SessionTab = (typeof sessionTabs)[number]

export const tabWords: Readonly<Record<SessionTab, string>> = {
  timeline: 'Timeline',
  queue: 'Queue',
  inflight: 'In flight',
  subscriptions: 'Subscriptions',
  connection: 'Connection',
  developers: 'For developers',
}

/** The timeline, unless the address names another one. */
export function tabOf(query: URLSearchParams): SessionTab {
  const word = query.get('tab')
  return sessionTabs.find(tab => tab === word) ?? 'timeline'
}
