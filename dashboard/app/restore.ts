// Brings back what an operator has taken away, and says what came of it.

import { ApiProblem, ask } from './api.ts'
import { toasts } from './toasts.svelte.ts'

/** `what`: as in `Brought back plant/7/temperature`. Resolves to whether it is back. */
export async function restore(tombstone: string, what: string): Promise<boolean> {
  try {
    await ask('POST', `/tombstones/${encodeURIComponent(tombstone)}/restore`, { body: {} })
    toasts.say({ text: `Brought back ${what}.` })
    return true
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem
    toasts.say({ tone: 'danger', text: `Not brought back: ${problem.message}` })
    return false
  }
}
