// Who is logged in here, and how that begins and ends.

import type { Me } from '../../shared/account-shapes.ts'
import { ApiProblem, ask, whenUnauthenticated } from './api.ts'

export type AccountState =
  | { readonly at: 'asking' }
  | { readonly at: 'nobody' }
  | { readonly at: 'logged-in'; readonly me: Me }
  | { readonly at: 'failed'; readonly problem: unknown }

/**
 * Scripts cannot see the cookie. Whoever was never logged in here is not asked for, because browsers show each
 * refusal as an error.
 */
const KNOWN_KEY = 'holdfast.known'

class Account {
  #state = $state.raw<AccountState>({ at: 'asking' })

  constructor() {
    whenUnauthenticated(() => this.#forget())
  }

  get state(): AccountState {
    return this.#state
  }

  get me(): Me | undefined {
    return this.#state.at === 'logged-in' ? this.#state.me : undefined
  }

  async find(): Promise<void> {
    if (localStorage.getItem(KNOWN_KEY) === null) {
      this.#state = { at: 'nobody' }
      return
    }
    try {
      this.#know((await ask<Me>('GET', '/auth/me')).data)
    } catch (problem) {
      // 404: the admin API has moved to a port of its own, or is off.
      const isNobody = problem instanceof ApiProblem && (problem.status === 401 || problem.status === 404)
      if (isNobody) this.#forget()
      else this.#state = { at: 'failed', problem }
    }
  }

  /** Rejects with ApiProblem. */
  async logIn(name: string, password: string): Promise<void> {
    const { data } = await ask<Me>('POST', '/auth/login', { body: { name, password } })
    this.#know(data)
  }

  /** Rejects with ApiProblem. */
  async setUp(token: string, name: string, password: string): Promise<void> {
    const { data } = await ask<Me>('POST', '/auth/setup', { body: { token, name, password } })
    this.#know(data)
  }

  /** Rejects with ApiProblem. */
  async logOut(): Promise<void> {
    await ask('POST', '/auth/logout')
    this.#forget()
  }

  #know(me: Me): void {
    localStorage.setItem(KNOWN_KEY, 'yes')
    this.#state = { at: 'logged-in', me }
  }

  #forget(): void {
    localStorage.removeItem(KNOWN_KEY)
    this.#state = { at: 'nobody' }
  }
}

export const account = new Account()
