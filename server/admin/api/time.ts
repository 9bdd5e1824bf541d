// Times as requests give them: ISO 8601, and one that is on the calendar.

import type { Millis } from '../../clock.ts'
import { problem } from './problem.ts'

/** The schema has seen to its form; a leap second, for one, passes there and is no time to a computer. */
export function millisOf(text: string, pointer: string): Millis {
  const at = Date.parse(text)
  if (Number.isNaN(at)) {
    const detail = 'is no time'
    throw problem('validation', { detail: `${pointer} ${detail}.`, errors: [{ pointer, detail }] })
  }
  return at
}
