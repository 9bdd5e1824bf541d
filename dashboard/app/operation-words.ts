// Plans and operations in words: what they do to how many, and why an item was left out, skipped or failed.

import type { ItemReason, Operation, OperationAction } from '../../shared/operation.ts'
import { countInWords, spanInWords } from '../../shared/plain-words.ts'
import type { BlockedReason, Plan, PlanOptions } from '../../shared/plan.ts'

interface ActionWords {
  readonly verb: string
  /** What follows the verb, before the number: `Clear the queues of 31 sessions`. */
  readonly of: string
  readonly noun: readonly [one: string, many: string]
  readonly isDangerous: boolean
}

/** What the broker takes when nobody says otherwise (`PLAN_RATE_DEFAULT`); not worth a word. */
const RATE_USUAL = 200

const sessions = ['session', 'sessions'] as const

const actions: Readonly<Record<OperationAction, ActionWords>> = {
  disconnect: { verb: 'Disconnect', of: '', noun: sessions, isDangerous: false },
  clean: { verb: 'Clean', of: '', noun: sessions, isDangerous: true },
  expire: { verb: 'Expire', of: '', noun: sessions, isDangerous: true },
  'clear-queue': { verb: 'Clear', of: 'the queue of ', noun: sessions, isDangerous: true },
  'set-expiry': { verb: 'Set', of: 'the expiry of ', noun: sessions, isDangerous: false },
  hold: { verb: 'Hold', of: '', noun: ['client id', 'client ids'], isDangerous: false },
  'release-hold': { verb: 'Release', of: '', noun: ['client id', 'client ids'], isDangerous: false },
  'messages.remove': { verb: 'Remove', of: 'messages of ', noun: sessions, isDangerous: true },
  'retained.delete': {
    verb: 'Delete',
    of: '',
    noun: ['retained message', 'retained messages'],
    isDangerous: true,
  },
  'subscription.add': { verb: 'Subscribe', of: '', noun: sessions, isDangerous: false },
  'subscription.remove': { verb: 'Unsubscribe', of: '', noun: sessions, isDangerous: true },
}

/** What it does to each, for whoever has not done it before; the others say it in their name. */
export const meanings: Readonly<Partial<Record<OperationAction, string>>> = {
  disconnect:
    'Connections are closed and sessions stay. Clients that reconnect by themselves are back within seconds.',
  clean:
    'Each session ends, with its subscriptions and all that waits in it. Its client finds a new one when it comes back, and has to subscribe anew.',
  expire: 'Each session ends as at its own expiry, with its subscriptions and all that waits in it.',
  'clear-queue': 'What waits is dropped. Sessions, subscriptions and what is in flight stay.',
  hold: 'Until the hold ends, each CONNECT with one of these client ids is refused.',
}

/** `Clean 31 sessions`. */
export function actionInWords(action: OperationAction, count: number): string {
  const { verb, of, noun } = actions[action]
  return `${verb} ${of}${countInWords(count, ...noun)}`
}

export function nounOf(action: OperationAction, count: number): string {
  const [one, many] = actions[action].noun
  return count === 1 ? one : many
}

export function isDangerous(action: OperationAction): boolean {
  return actions[action].isDangerous
}

/** `Clean web-kiosk-11`, `Undo: clean 31 sessions`. */
export function operationInWords({ kind, action, clientId, count }: Operation): string {
  const { verb, of } = actions[action]
  const words = clientId === null ? actionInWords(action, count) : `${verb} ${of}${clientId}`
  const lower = words.charAt(0).toLowerCase() + words.slice(1)
  if (kind === 'undo') return `Undo: ${lower}`
  return kind === 'retry' ? `Retry: ${lower}` : words
}

/** What was chosen beyond what the action says by itself. */
export function optionsInWords({
  suppressWill,
  holdSeconds,
  ratePerSecond,
  expiry,
  pinned,
  messages,
}: PlanOptions): readonly string[] {
  return [
    ...(suppressWill === true ? ['wills are dropped'] : []),
    ...(holdSeconds === undefined ? [] : [`client ids are held for ${spanInWords(holdSeconds * 1000)}`]),
    ...(expiry === undefined ? [] : [expiryInWords(expiry)]),
    ...(pinned === true ? ['pinned'] : []),
    ...(messages?.topic === undefined ? [] : [`only messages on ${messages.topic}`]),
    ...(ratePerSecond === undefined || ratePerSecond === RATE_USUAL ? [] : [`${ratePerSecond} a second`]),
  ]
}

function expiryInWords(expiry: NonNullable<PlanOptions['expiry']>): string {
  if ('at' in expiry) return `they expire at ${new Date(expiry.at).toLocaleString('en-GB')}`
  if (expiry.seconds === null) return 'they never expire'
  return `they expire ${spanInWords(expiry.seconds * 1000)} after their connection`
}

export const blockedWords: Readonly<Record<BlockedReason, string>> = {
  protected: 'its prefix is protected',
  'outside-key': 'outside of what the key may touch',
  'no-session': 'there is no session',
  'new-session': 'another session has taken its place',
  'not-connected': 'not connected',
  connected: 'connected: only an offline session can expire',
  'ends-with-connection': 'ends with its connection',
  'nothing-retained': 'nothing is retained',
}

export const reasonWords: Readonly<Record<ItemReason, string>> = {
  gone: 'the session was gone',
  'new-session': 'another session was there',
  reconnected: 'reconnected since the preview',
  'no-longer-matches': 'no longer matched the filter',
  'not-connected': 'was not connected any more',
  connected: 'was connected',
  replaced: 'another message was retained',
  'nothing-left': 'nothing was left to take',
  protected: 'its prefix is protected',
  'done-before-restart': 'done before the broker restarted',
  'not-on-disk': 'done, not on the disk yet',
  'ends-with-connection': 'ends with its connection',
  'expiry-passed': 'that time has passed',
  'too-many-holds': 'too many client ids are held',
  'undo-over': 'the time for undo was over',
  'session-exists': 'a newer session is there, and stays',
  'changed-since': 'changed since by somebody',
  'no-room': 'no room',
  'too-many-sessions': 'too many sessions',
  error: 'failed',
}

const noUndo: Readonly<Record<NonNullable<Plan['undo']['why']>, string>> = {
  'no-undo': 'This takes nothing away that could be brought back.',
  off: 'Undo is switched off.',
  'over-budget': 'There is no room to keep all of it for an undo.',
  'ends-with-connection': 'Sessions that end with their connection cannot be brought back.',
}

/** Undefined when all of it can be undone. */
export function whyNoUndo({ undo }: Plan): string | undefined {
  return undo.why === null ? undefined : noUndo[undo.why]
}
