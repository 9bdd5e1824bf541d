// The acts on one session as data: their words, in rising danger, and when one cannot be done and why.

import type { Me } from '../../shared/account-shapes.ts'
import type { SessionSubscription } from '../../shared/session-subscriptions.ts'
import type { SessionSummary } from '../../shared/session-summary.ts'

/** What somebody wants done to the session of a client id. */
export type Act =
  | { readonly verb: 'hold'; readonly clientId: string; readonly seconds?: number }
  | { readonly verb: 'remove-message'; readonly clientId: string; readonly message: MessageToRemove }
  | { readonly verb: 'unsubscribe'; readonly clientId: string; readonly subscription: SessionSubscription }
  | {
      readonly verb: 'disconnect' | 'release' | 'set-expiry' | 'clear-queue' | 'expire' | 'clean'
      readonly clientId: string
    }

export interface MessageToRemove {
  readonly seq: number
  readonly topic: string
  readonly bytes: number
}

export type Verb = Act['verb']

interface VerbWords {
  /** On a button in a row of them. */
  readonly word: string
  /** Of the button that does it: verb and object. */
  readonly button: (act: string) => string
  readonly isDangerous: boolean
}

/** In the order in which they are offered: the later, the more is gone. */
export const verbs = {
  disconnect: { word: 'Disconnect', button: id => `Disconnect ${id}`, isDangerous: false },
  hold: { word: 'Hold', button: id => `Hold ${id}`, isDangerous: false },
  release: { word: 'Release', button: id => `Release ${id}`, isDangerous: false },
  'set-expiry': { word: 'Set expiry', button: id => `Set expiry of ${id}`, isDangerous: false },
  unsubscribe: { word: 'Unsubscribe', button: topic => `Unsubscribe from ${topic}`, isDangerous: true },
  'remove-message': { word: 'Remove', button: topic => `Remove the message on ${topic}`, isDangerous: true },
  'clear-queue': { word: 'Clear queue', button: id => `Clear queue of ${id}`, isDangerous: true },
  expire: { word: 'Expire now', button: id => `Expire ${id} now`, isDangerous: true },
  clean: { word: 'Clean', button: id => `Clean ${id}`, isDangerous: true },
} as const satisfies Readonly<Record<Verb, VerbWords>>

/** Those that a session's page and row offer; Hold and Release stand in one place. */
export const sessionVerbs = ['disconnect', 'hold', 'set-expiry', 'clear-queue', 'expire', 'clean'] as const

/** `Clean web-kiosk-11`: the title of the dialog and the word on its button. */
export function actInWords(act: Act): string {
  switch (act.verb) {
    case 'remove-message':
      return verbs[act.verb].button(act.message.topic)
    case 'unsubscribe':
      return verbs[act.verb].button(act.subscription.topicFilter)
    default:
      return verbs[act.verb].button(act.clientId)
  }
}

/** Why nobody who looks at this may act at all; undefined when they may. */
export function whyNoActs(me: Me | undefined): string | undefined {
  if (me === undefined) return 'You are not logged in'
  if (me.role === 'viewer') return 'Needs the role operator'
  return me.readOnly ? 'The broker is read-only' : undefined
}

/** Why this cannot be done to a session in the state it is in; undefined when it can. */
export function whyNot(
  verb: Verb,
  session: Pick<SessionSummary, 'connected' | 'hold' | 'expiry' | 'queued'>,
): string | undefined {
  switch (verb) {
    case 'disconnect':
      return session.connected ? undefined : 'It is not connected'
    case 'release':
      return session.hold === null ? 'It is not held' : undefined
    case 'set-expiry':
      return endsWithConnection(session) ? 'It ends with its connection, as its client asked for' : undefined
    case 'clear-queue':
      return session.queued.count === 0 ? 'No message waits in its queue' : undefined
    case 'expire':
      return session.connected ? 'Expire needs an offline session; use Clean' : undefined
    case 'hold':
    case 'clean':
    case 'remove-message':
    case 'unsubscribe':
      return undefined
  }
}

/** Nothing of it outlives the connection, so that to disconnect it is to end it. */
export function endsWithConnection({ expiry }: Pick<SessionSummary, 'expiry'>): boolean {
  return expiry.intervalSeconds === 0
}
