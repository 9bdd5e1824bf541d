// Pictures of everything that is not a session: what is fought over, kept, subscribed to, what has happened, and the settings.

import { calm, type Shot } from './shot.ts'

export const places = {
  conflicts: '/conflicts',
  'conflicts-one': '/conflicts?id=web-checkout',
  retained: '/retained',
  topics: '/topics?topic=orders/17/status&qos=1',
  'topics-subscriptions': '/topics?tab=subscriptions',
  events: '/events',
  'events-lost': '/events?tab=lost',
  audit: '/audit',
  operations: '/operations',
  lab: '/lab',
  settings: '/settings',
  'settings-users': '/settings?tab=users',
  'settings-keys': '/settings?tab=keys',
  'settings-account': '/settings?tab=account',
} as const

const pages = Object.entries(places)

export const shots: readonly Shot[] = [
  ...pages.map(([name, path]): Shot => ({ name: `${name}-full`, path, broker: 'fleet', show: calm })),
  ...pages.map(([name, path]): Shot => ({ name: `${name}-empty`, path, broker: 'empty', show: calm })),
  ...pages.map(
    ([name, path]): Shot => ({ name: `${name}-viewer`, path, broker: 'fleet', as: 'viewer', show: calm }),
  ),
]
