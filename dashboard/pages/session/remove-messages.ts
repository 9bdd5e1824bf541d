// Takes messages out of a queue one after the other, and brings them back.

import { pathSegment } from '../../../shared/path-segment.ts'
import { countInWords } from '../../../shared/plain-words.ts'
import type { SessionAct } from '../../../shared/session-act.ts'
import type { QueueMessage } from '../../../shared/session-queue.ts'
import { ApiProblem, ask } from '../../app/api.ts'
import { restore } from '../../app/restore.ts'
import { toasts } from '../../app/toasts.svelte.ts'

export interface Removed {
  readonly removed: number
  /** The way back of each, in the order in which they went. */
  readonly tombstones: readonly string[]
  /** Why the others stayed, each sentence once. */
  readonly problems: readonly string[]
}

/** One that has left the queue meanwhile does not stop the others; a refusal of all of them does. */
export async function removeMessages(
  clientId: string,
  messages: readonly QueueMessage[],
  reason: string,
  progress: (done: number) => void,
): Promise<Removed> {
  const tombstones: string[] = []
  const problems = new Set<string>()
  let removed = 0
  for (const [index, { seq }] of messages.entries()) {
    try {
      const path = `/sessions/${pathSegment(clientId)}/queue/${seq}`
      const { data } = await ask<SessionAct>('DELETE', path, { reason })
      removed++
      if (data.tombstone !== null) tombstones.push(data.tombstone.id)
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem
      problems.add(problem.message)
      if (problem.status === 403 || problem.status === 0) break
    }
    progress(index + 1)
  }
  return { removed, tombstones, problems: [...problems] }
}

export function sayRemoved(clientId: string, outcome: Removed, undone: () => void): void {
  const { removed, tombstones, problems } = outcome
  const why = problems.join(' ')
  const stayed = why === '' ? '' : ` Not all: ${why}`
  const run = async (): Promise<void> => {
    for (const tombstone of tombstones.toReversed()) if (!(await restore(tombstone, clientId))) break
    undone()
  }
  toasts.say({
    tone: removed === 0 ? 'danger' : problems.length > 0 ? 'info' : 'good',
    text:
      removed === 0
        ? `Nothing was removed. ${why}`
        : `Removed ${countInWords(removed, 'message')} from the queue of ${clientId}.${stayed}`,
    action: tombstones.length === 0 ? undefined : { word: 'Undo', run: () => void run() },
  })
}
