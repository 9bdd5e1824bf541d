// The pages of the console by name: each is fetched when somebody opens it for the first time.

import type { Component } from 'svelte'
import type { PageName } from './app/routes.ts'

/** A page reads its address from the router, and who looks at it from the account. */
type LoadPage = () => Promise<{ readonly default: Component }>

export const pages: Readonly<Partial<Record<PageName, LoadPage>>> = {
  setup: () => import('./pages/access/SetupPage.svelte'),
  login: () => import('./pages/access/LoginPage.svelte'),
  unknown: () => import('./pages/access/UnknownPage.svelte'),
}
