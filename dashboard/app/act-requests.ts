// How each act on one session is asked of the API, with what whoever confirms it has chosen, and how it is taken back.

import { pathSegment } from '../../shared/path-segment.ts'
import type { SessionAct } from '../../shared/session-act.ts'
import type { SessionSummary } from '../../shared/session-summary.ts'
import type { Act } from './act-verbs.ts'
import { type Ask, ask } from './api.ts'

/** One of these for set-expiry: `at` is ISO 8601. */
export type ExpiryChoice =
  | { readonly of: 'seconds'; readonly seconds: number }
  | { readonly of: 'at'; readonly at: string }
  | { readonly of: 'never' }

export interface ActChoices {
  readonly reason: string
  readonly suppressWill: boolean
  readonly holdSeconds: number
  /** Of a hold: whether the connection is closed, too. */
  readonly holdCloses: boolean
  readonly expiry: ExpiryChoice
  readonly pinned: boolean
}

/** While somebody still chooses. */
export type Draft = { -readonly [Name in keyof ActChoices]: ActChoices[Name] }

export function sessionPath(clientId: string, rest = ''): string {
  return `/sessions/${pathSegment(clientId)}${rest}`
}

export function etagOf({ generation, version }: Pick<SessionSummary, 'generation' | 'version'>): string {
  return `"${generation}.${version}"`
}

/** Rejects with ApiProblem: `session-changed` when it is not the session that was looked at. */
export async function request(
  act: Act,
  session: SessionSummary | undefined,
  choices: ActChoices,
): Promise<SessionAct> {
  const { reason, suppressWill } = choices
  const match: Ask = session === undefined ? { reason } : { reason, ifMatch: etagOf(session) }
  const { clientId } = act
  switch (act.verb) {
    case 'disconnect':
      return remove(clientId, '/connection', { ...match, query: { suppressWill: suppressWill || undefined } })
    case 'clean':
      return remove(clientId, '', { ...match, query: { suppressWill: suppressWill || undefined } })
    case 'clear-queue':
      return remove(clientId, '/queue', match)
    case 'remove-message':
      // Any other change of the session leaves this message what it is.
      return remove(clientId, `/queue/${act.message.seq}`, { reason })
    case 'unsubscribe':
      return remove(clientId, `/subscriptions/${pathSegment(act.subscription.topicFilter)}`, { reason })
    case 'release':
      return remove(clientId, '/hold', { reason })
    case 'expire':
      return (await ask<SessionAct>('POST', sessionPath(clientId, '/expire'), { ...match, body: {} })).data
    case 'hold': {
      const body = { seconds: choices.holdSeconds, disconnect: choices.holdCloses, suppressWill }
      return (await ask<SessionAct>('POST', sessionPath(clientId, '/hold'), { reason, body })).data
    }
    case 'set-expiry':
      return setExpiry(clientId, choices, match)
  }
}

async function remove(clientId: string, rest: string, given: Ask): Promise<SessionAct> {
  return (await ask<SessionAct>('DELETE', sessionPath(clientId, rest), given)).data
}

async function setExpiry(
  clientId: string,
  { expiry, pinned }: Pick<ActChoices, 'expiry' | 'pinned'>,
  match: Ask,
): Promise<SessionAct> {
  const chosen = {
    seconds: (one: ExpiryChoice) => (one.of === 'seconds' ? { expirySeconds: one.seconds } : {}),
    at: (one: ExpiryChoice) => (one.of === 'at' ? { expiresAt: one.at } : {}),
    never: () => ({ never: true }),
  }[expiry.of](expiry)
  return (await ask<SessionAct>('PATCH', sessionPath(clientId), { ...match, body: { ...chosen, pinned } }))
    .data
}

/** What takes it back, where anything does; it resolves to what was done, in words. */
export function undoOf(
  act: Act,
  before: SessionSummary | undefined,
  done: SessionAct,
): (() => Promise<string>) | undefined {
  const { tombstone, session } = done
  if (tombstone !== null)
    return async () => {
      const { data } = await ask<{ readonly messages: number }>(
        'POST',
        `/tombstones/${encodeURIComponent(tombstone.id)}/restore`,
        { body: {} },
      )
      return restoredInWords(act, data.messages)
    }
  switch (act.verb) {
    case 'hold':
      return async () => (await remove(act.clientId, '/hold', {})).sentence
    case 'unsubscribe':
      return async () => {
        const { topicFilter, qos, noLocal, retainAsPublished, retainHandling, subscriptionIdentifier } =
          act.subscription
        const body = {
          ...{ topicFilter, qos, noLocal, retainAsPublished, retainHandling },
          ...(subscriptionIdentifier === null ? {} : { subscriptionIdentifier }),
        }
        return (await ask<SessionAct>('POST', sessionPath(act.clientId, '/subscriptions'), { body })).data
          .sentence
      }
    case 'set-expiry': {
      if (before === undefined || session === null) return undefined
      const { at, intervalSeconds, pinned } = before.expiry
      const expiry: ExpiryChoice =
        intervalSeconds === null
          ? { of: 'never' }
          : at === null
            ? { of: 'seconds', seconds: intervalSeconds }
            : { of: 'at', at }
      return async () =>
        (await setExpiry(act.clientId, { expiry, pinned }, { ifMatch: etagOf(session) })).sentence
    }
    default:
      return undefined
  }
}

function restoredInWords(act: Act, messages: number): string {
  const what = act.verb === 'clear-queue' || act.verb === 'remove-message' ? 'The queue' : 'The session'
  return `${what} of "${act.clientId}" is back, with ${messages.toLocaleString('en-GB')} message${messages === 1 ? '' : 's'}.`
}
