// Every address of the console, made and read in one place: what a page shows stands in its URL.

import { fromPathSegment, pathSegment } from '../../shared/path-segment.ts'

export type Route =
  | { readonly page: 'overview' }
  | { readonly page: 'sessions' }
  | { readonly page: 'session'; readonly clientId: string }
  | { readonly page: 'plan'; readonly id: string }
  | { readonly page: 'operations' }
  | { readonly page: 'operation'; readonly id: string }
  | { readonly page: 'conflicts' }
  | { readonly page: 'retained' }
  | { readonly page: 'topics' }
  | { readonly page: 'events' }
  | { readonly page: 'audit' }
  | { readonly page: 'lab' }
  | { readonly page: 'settings' }
  | { readonly page: 'start' }
  | { readonly page: 'login' }
  | { readonly page: 'setup' }
  | { readonly page: 'unknown'; readonly path: string }

export type PageName = Route['page']

/** Pages without a parameter, by their path. */
const plain = {
  '/': 'overview',
  '/sessions': 'sessions',
  '/operations': 'operations',
  '/conflicts': 'conflicts',
  '/retained': 'retained',
  '/topics': 'topics',
  '/events': 'events',
  '/audit': 'audit',
  '/lab': 'lab',
  '/settings': 'settings',
  '/start': 'start',
  '/login': 'login',
  '/setup': 'setup',
} as const satisfies Readonly<Record<string, PageName>>

export function routeOf(pathname: string): Route {
  const page = (plain as Readonly<Record<string, (typeof plain)[keyof typeof plain]>>)[pathname]
  if (page !== undefined) return { page }
  const [, section, rest] = /^\/(sessions|plans|operations)\/([^/]+)$/.exec(pathname) ?? []
  const parameter = rest === undefined ? undefined : decoded(rest)
  if (parameter === undefined) return { page: 'unknown', path: pathname }
  if (section === 'sessions') return { page: 'session', clientId: fromPathSegment(parameter) }
  return section === 'plans' ? { page: 'plan', id: parameter } : { page: 'operation', id: parameter }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    // A path that somebody typed; the page says that it leads nowhere.
    if (error instanceof URIError) return undefined
    throw error
  }
}

/** Values of a query by name; what is undefined or empty is left out. */
export type Query = Readonly<Record<string, string | undefined>>

function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, value)
  }
  return search.size === 0 ? path : `${path}?${search}`
}

export const urlFor = {
  overview: () => '/',
  sessions: (query?: Query) => withQuery('/sessions', query),
  session: (clientId: string, query?: Query) => withQuery(`/sessions/${pathSegment(clientId)}`, query),
  plan: (id: string, query?: Query) => withQuery(`/plans/${encodeURIComponent(id)}`, query),
  operations: (query?: Query) => withQuery('/operations', query),
  operation: (id: string, query?: Query) => withQuery(`/operations/${encodeURIComponent(id)}`, query),
  conflicts: (query?: Query) => withQuery('/conflicts', query),
  retained: (query?: Query) => withQuery('/retained', query),
  topics: (query?: Query) => withQuery('/topics', query),
  events: (query?: Query) => withQuery('/events', query),
  audit: (query?: Query) => withQuery('/audit', query),
  lab: (query?: Query) => withQuery('/lab', query),
  settings: (query?: Query) => withQuery('/settings', query),
  start: () => '/start',
  login: (query?: Query) => withQuery('/login', query),
  setup: () => '/setup',
} as const
