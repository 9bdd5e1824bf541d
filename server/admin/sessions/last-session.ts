// What is known of a client id that has no session: how its last one ended, and whether it can be brought back.

import type { TimelineEntry, TimelineKind } from '../../../shared/history.ts'
import { momentInWords, spanInWords } from '../../../shared/plain-words.ts'
import { quote } from '../../../shared/printable.ts'
import type { ApiContext } from '../api/context.ts'

const endings: readonly TimelineKind[] = ['ended', 'expired', 'cleaned', 'disconnect', 'connect.refused']

export interface LastSession {
  readonly what: 'ended' | 'expired' | 'cleaned' | 'disconnected' | 'refused'
  readonly at: string
  /** The operator who ended it, and why. */
  readonly actor: string | null
  readonly reason: string | null
  /** What went with it. */
  readonly messages: number
  readonly bytes: number
  readonly tombstone: { readonly id: string; readonly undoUntil: string } | null
}

/** Undefined when the history knows nothing of that client id. */
export async function findLastSession(
  { history, broker }: ApiContext,
  clientId: string,
): Promise<LastSession | undefined> {
  const { data } = await history.timeline(clientId, { kinds: endings, limit: 1 })
  const [entry] = data
  if (entry === undefined) return undefined
  const { tombstone } = entry.data
  const found = typeof tombstone === 'string' ? broker.parts.undo.find(tombstone)?.tombstone : undefined
  return {
    what: whatOf(entry),
    at: entry.until ?? entry.at,
    actor: entry.actor,
    reason: textOf(entry.data['reason'] ?? entry.data['detail']),
    messages: numberOf(entry.data['messages']),
    bytes: numberOf(entry.data['bytes']),
    tombstone:
      found === undefined ? null : { id: found.id, undoUntil: new Date(found.purgeAt).toISOString() },
  }
}

function whatOf({ kind }: TimelineEntry): LastSession['what'] {
  if (kind === 'disconnect') return 'disconnected'
  if (kind === 'connect.refused') return 'refused'
  return kind as LastSession['what']
}

/** `There is no session of "x". The last one was cleaned by ana 12 min ago (ticket 4411); ...` */
export function lastSessionInWords(clientId: string, last: LastSession | undefined, now: number): string {
  const none = `There is no session of ${quote(clientId)}`
  if (last === undefined) return `${none}, and nothing is known of an earlier one.`
  const ago = `${spanInWords(now - Date.parse(last.at))} ago`
  const by = last.actor === null ? '' : ` by ${last.actor}`
  const why = last.reason === null ? '' : ` (${last.reason})`
  const { tombstone } = last
  const undo =
    tombstone === null
      ? ''
      : `; it can be restored until ${momentInWords(Date.parse(tombstone.undoUntil))} as ${tombstone.id}`
  return `${none}. ${sentences[last.what]}${by} ${ago}${why}${undo}.`
}

const sentences: Readonly<Record<LastSession['what'], string>> = {
  cleaned: 'The last one was cleaned',
  expired: 'The last one expired',
  ended: 'The last one ended with its connection',
  disconnected: 'The last one ended with its connection',
  refused: 'The last client that came with it was refused',
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
