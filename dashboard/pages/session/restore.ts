// Brings back what was taken away, and says what came of it.

import { countInWords } from '../../../shared/plain-words.ts'
import { ApiProblem, ask } from '../../app/api.ts'
import { toasts } from '../../app/toasts.svelte.ts'

interface Restored {
  readonly messages: number
}

/** Resolves to whether it is back. */
export async function restore(tombstone: string, clientId: string): Promise<boolean> {
  try {
    const path = `/tombstones/${encodeURIComponent(tombstone)}/restore`
    const { data } = await ask<Restored>('POST', path, { body: {} })
    toasts.say({ text: `Brought back to ${clientId}: ${countInWords(data.messages, 'message')}.` })
    return true
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem
    toasts.say({ tone: 'danger', text: `Not brought back: ${problem.message}` })
    return false
  }
}
