// What the audit says was done, in words: of each verb what stands after the name of who did it, and where its target leads.

import type { AuditRecord } from '../../../shared/audit.ts'
import { capitalized } from '../../../shared/plain-words.ts'
import { urlFor } from '../../app/routes.ts'

/** `of`: what the target is. */
interface Verb {
  readonly did: string
  /** After `tried to`, of what was refused or failed. */
  readonly toDo: string
  readonly of?: 'session' | 'topic' | 'tombstone'
}

const verbs: Readonly<Record<string, Verb>> = {
  'access.setup': { did: 'used the set-up link as', toDo: 'use the set-up link as' },
  'access.login': { did: 'logged in as', toDo: 'log in as' },
  'access.logout': { did: 'logged out', toDo: 'log out' },
  'access.password': { did: 'changed the own password', toDo: 'change the own password' },
  'access.end-login': { did: 'logged a browser out of', toDo: 'log a browser out of' },
  'user.add': { did: 'added the user', toDo: 'add the user' },
  'user.change': { did: 'changed the user', toDo: 'change the user' },
  'user.remove': { did: 'removed the user', toDo: 'remove the user' },
  'key.add': { did: 'made the key', toDo: 'make the key' },
  'key.rotate': { did: 'gave a new secret to the key', toDo: 'give a new secret to the key' },
  'key.remove': { did: 'deleted the key', toDo: 'delete the key' },
  'settings.change': { did: 'changed', toDo: 'change' },
  'view.add': { did: 'saved the view', toDo: 'save the view' },
  'view.remove': { did: 'removed the view', toDo: 'remove the view' },
  'session.disconnect': { did: 'disconnected', toDo: 'disconnect', of: 'session' },
  'session.clean': { did: 'cleaned', toDo: 'clean', of: 'session' },
  'session.expire': { did: 'expired', toDo: 'expire', of: 'session' },
  'session.hold': { did: 'held', toDo: 'hold', of: 'session' },
  'session.release': { did: 'released', toDo: 'release', of: 'session' },
  'session.set-expiry': { did: 'set the expiry of', toDo: 'set the expiry of', of: 'session' },
  'session.export': { did: 'exported sessions', toDo: 'export sessions' },
  'queue.clear': { did: 'cleared the queue of', toDo: 'clear the queue of', of: 'session' },
  'queue.remove': { did: 'removed a message of', toDo: 'remove a message of', of: 'session' },
  'subscription.add': { did: 'subscribed', toDo: 'subscribe', of: 'session' },
  'subscription.remove': { did: 'unsubscribed', toDo: 'unsubscribe', of: 'session' },
  'payload.read': { did: 'read a payload of', toDo: 'read a payload of', of: 'session' },
  'payload.preview': { did: 'previewed payloads of', toDo: 'preview payloads of', of: 'session' },
  'retained.delete': {
    did: 'deleted the retained message of',
    toDo: 'delete the retained message of',
    of: 'topic',
  },
  'tombstone.restore': { did: 'restored', toDo: 'restore' },
  'tombstone.purge': { did: 'gave up for good', toDo: 'give up for good', of: 'tombstone' },
  'plan.make': { did: 'made a plan', toDo: 'make a plan' },
  'plan.execute': { did: 'executed a plan', toDo: 'execute a plan' },
  'operation.cancel': { did: 'cancelled an operation', toDo: 'cancel an operation' },
  'operation.retry': {
    did: 'retried what failed of an operation',
    toDo: 'retry what failed of an operation',
  },
  'operation.undo': { did: 'undid an operation', toDo: 'undo an operation' },
  'operation.export': { did: 'exported an operation', toDo: 'export an operation' },
  'lab.run': { did: 'ran a test of the Lab', toDo: 'run a test of the Lab' },
  'lab.act': {
    did: 'acted on a session of a test in the Lab',
    toDo: 'act on a session of a test in the Lab',
  },
  'lab.end': { did: 'ended a test of the Lab', toDo: 'end a test of the Lab' },
  'lab.abandon': { did: 'gave up a test of the Lab', toDo: 'give up a test of the Lab' },
  'audit.export': { did: 'exported the audit', toDo: 'export the audit' },
  'audit.cut': { did: 'cut off the oldest records', toDo: 'cut off the oldest records' },
  'audit.gap': { did: 'missed records that could not be written', toDo: 'write records' },
  'audit.refusals': { did: 'refused more of the same', toDo: 'ask for more of the same' },
}

/** What to choose from: whole groups first, as in `session`. */
export const verbChoices: readonly (readonly [verb: string, words: string])[] = [
  ['access', 'Logins and passwords'],
  ['user', 'Users'],
  ['key', 'Keys'],
  ['settings', 'Settings'],
  ['session', 'Sessions'],
  ['queue', 'Queues'],
  ['subscription', 'Subscriptions'],
  ['retained', 'Retained messages'],
  ['payload', 'Reads of payloads'],
  ['plan', 'Plans'],
  ['operation', 'Operations'],
  ['tombstone', 'Restored, or given up'],
  ['view', 'Views'],
  ['lab', 'Lab'],
  ['audit', 'The audit itself'],
]

export function verbInWords({ verb, result, actor }: Pick<AuditRecord, 'verb' | 'result' | 'actor'>): string {
  const known = verbs[verb]
  if (known === undefined) return verb
  // What the broker says of itself is no attempt of anybody.
  return result === 'done' || (actor.kind === 'none' && verb.startsWith('audit.'))
    ? known.did
    : `tried to ${known.toDo}`
}

/** Where to look at what it was done to; undefined where there is no page for it. */
export function targetUrl(record: AuditRecord): string | undefined {
  const { verb, target, detail } = record
  if (target === '') return undefined
  if (detail['retained'] === true || verbs[verb]?.of === 'topic')
    return urlFor.retained({ filter: target, topic: target })
  return verbs[verb]?.of === 'session' ? urlFor.session(target) : undefined
}

/** A digest says nothing to people. */
export function targetInWords(record: AuditRecord): string {
  const { verb, target } = record
  // Each of them stands before what it was and is.
  if (verb === 'settings.change' && changesOf(record).length > 0) return ''
  if (/^(plan|operation|lab)\./.test(verb)) return ''
  return verb === 'settings.change' ? target.split(' ').join(', ') : target
}

/** What was changed, from what to what. */
export function changesOf({
  detail,
}: AuditRecord): readonly (readonly [name: string, before: string, after: string])[] {
  return Object.entries(detail).flatMap(([name, value]) => {
    const [before, after] = typeof value === 'string' ? value.split(' -> ') : []
    return before === undefined || after === undefined ? [] : [[name, before, after] as const]
  })
}

/** The operation that it began, or was one of. */
export function operationOf({ verb, target, detail }: AuditRecord): string | undefined {
  if (typeof detail['operation'] === 'string') return detail['operation']
  return verb.startsWith('operation.') && target !== '' ? target : undefined
}

/** With which it can be taken back, as long as that is kept. */
export function tombstoneOf({ verb, detail }: AuditRecord): string | undefined {
  const id = detail['tombstone']
  return typeof id === 'string' && !verb.startsWith('tombstone.') ? id : undefined
}

/** What else is known, as lines of name and value; `before -> after` where it was changed. */
export function detailLines({ detail }: AuditRecord): readonly (readonly [name: string, value: string])[] {
  return Object.entries(detail).flatMap(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return value === null || text === '' ? [] : [[nameInWords(name), text] as const]
  })
}

function nameInWords(name: string): string {
  return capitalized(name.replaceAll(/(?<=[a-z])[A-Z]/g, letter => ` ${letter.toLowerCase()}`))
}
