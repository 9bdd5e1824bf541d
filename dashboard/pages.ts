// The pages of the console by name: each is fetched when somebody opens it for the first time.

import type { Component } from 'svelte'
import type { PageName } from './app/routes.ts'

/** A page reads its address from the router, and who looks at it from the account. */
export type LoadPage = () => Promise<{ readonly default: Component }>

export const pages: Readonly<Partial<Record<PageName, LoadPage>>> = {
  retained: () => import('./pages/retained/RetainedPage.svelte'),
  topics: () => import('./pages/topics/TopicsPage.svelte'),
  events: () => import('./pages/events/EventsPage.svelte'),
  audit: () => import('./pages/audit/AuditPage.svelte'),
  settings: () => import('./pages/settings/SettingsPage.svelte'),
  overview: () => import('./pages/overview/OverviewPage.svelte'),
  setup: () => import('./pages/access/SetupPage.svelte'),
  login: () => import('./pages/access/LoginPage.svelte'),
  session: () => import('./pages/session/SessionPage.svelte'),
  conflicts: () => import('./pages/conflicts/ConflictsPage.svelte'),
  start: () => import('./pages/start/StartPage.svelte'),
  sessions: () => import('./pages/sessions/SessionsPage.svelte'),
  plan: () => import('./pages/plan/PlanPage.svelte'),
  operations: () => import('./pages/operations/OperationsPage.svelte'),
  operation: () => import('./pages/operations/OperationPage.svelte'),
  lab: () => import('./pages/lab/LabPage.svelte'),
  unknown: () => import('./pages/access/UnknownPage.svelte'),
}

/** What the browser's tab says of a page that does not say it better. */
export const titles: Readonly<Partial<Record<PageName, string>>> = {
  overview: 'Overview',
  sessions: 'Sessions',
  session: 'Session',
  plan: 'Plan',
  operations: 'Operations',
  operation: 'Operation',
  conflicts: 'Conflicts',
  retained: 'Retained',
  topics: 'Topics',
  events: 'Events',
  audit: 'Audit',
  lab: 'Lab',
  settings: 'Settings',
  start: 'Connect',
  login: 'Log in',
  setup: 'First admin',
  unknown: 'Nothing here',
}
