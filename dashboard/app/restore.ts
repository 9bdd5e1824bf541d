// Brings back what an operator has taken away, and says what came of it.

import { countInWords } from '../../shared/plain-words.ts'
import { ApiProblem, ask } from './api.ts'
import { toasts } from './toasts.svelte.ts'

interface Restored {
  readonly messages: number
}

/** `what`: as in `Brought back plant/7/temperature`. Resolves to whether it is back. */
export async function restore(tombstone: string, what: string): Promise<boolean> {
  try {
    const path = `/tombstones/${encodeURIComponent(tombstone)}/restore`
    const { messages } = (await ask<Restored>('POST', path, { body: {} })).data
    toasts.say({ text: `Brought back ${what}: ${countInWords(messages, 'message')}.` })
    return true
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem
    toasts.say({ tone: 'danger', text: `Not brought back: ${problem.message}` })
    return false
  }
}
