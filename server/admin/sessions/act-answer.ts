// The answer of an act on one session: what was done, what the session is now, and how to take it back.

import { bytesInWords, countInWords, listInWords, momentInWords } from '../../../shared/plain-words.ts'
import { quote } from '../../../shared/printable.ts'
import type { ActResult, SessionAct } from '../../../shared/session-act.ts'
import type { WillOutcome } from '../../broker/operations/disconnect.ts'
import type { Undo } from '../../broker/operations/undo-ledger.ts'
import type { ApiContext } from '../api/context.ts'
import type { ApiRequest } from '../api/route.ts'

interface Acted {
  readonly result: ActResult
  /** Without the full stop: what follows says what became of messages and will. */
  readonly words: string
  readonly operation: string | undefined
  readonly undo?: Undo | undefined
  readonly will?: WillOutcome | undefined
  readonly messages?: number
  readonly bytes?: number
  readonly subscriptions?: number
  readonly unsafe?: string | undefined
}

/** Also tells the audit. The table is looked at afterwards, so that it agrees with what was done. */
export function actAnswer(
  { table, broker }: ApiContext,
  request: ApiRequest<{ readonly clientId: string }, unknown, unknown>,
  acted: Acted,
): SessionAct {
  const { clientId } = request.params
  const { result, operation = null, undo, will = null, messages = 0, bytes = 0, unsafe = null } = acted
  const tombstone = undo === undefined ? null : { id: undo.tombstone, undoUntil: iso(undo.until) }
  const hold = broker.parts.holds.find(clientId)
  request.act.tell({
    result,
    messages,
    bytes,
    ...(will === null ? {} : { will }),
    ...(tombstone === null ? {} : { tombstone: tombstone.id }),
    ...(operation === null ? {} : { operation }),
  })
  return {
    result,
    sentence: inWords(clientId, acted),
    session: table.find(clientId) ?? null,
    tombstone,
    operation,
    will,
    messages,
    bytes,
    hold:
      hold === undefined
        ? null
        : { until: iso(hold.until), by: hold.by.actor, reason: hold.by.reason ?? null },
    notOnDisk: unsafe,
  }
}

function inWords(clientId: string, acted: Acted): string {
  const { words, undo, will, messages = 0, bytes = 0, subscriptions = 0 } = acted
  const taken = [
    ...(messages > 0 ? [`${countInWords(messages, 'message')} (${bytesInWords(bytes)})`] : []),
    ...(subscriptions > 0 ? [countInWords(subscriptions, 'subscription')] : []),
  ]
  const parts = [
    words.replaceAll('{id}', quote(clientId)),
    ...(taken.length > 0 ? [`${listInWords(taken)} went with it`] : []),
    ...(will === undefined || will === 'none' ? [] : [willInWords[will]]),
    ...(undo === undefined ? [] : [`it can be restored until ${momentInWords(undo.until)}`]),
  ]
  return `${parts.join('; ')}.`
}

const willInWords: Readonly<Record<Exclude<WillOutcome, 'none'>, string>> = {
  published: 'its will was published',
  delayed: 'its will is published after its delay, unless the client is back before',
  suppressed: 'its will was dropped',
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
