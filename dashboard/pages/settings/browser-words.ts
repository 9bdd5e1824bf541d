// From where somebody is logged in, in words that people know it by: `Chrome 129 on Linux`.

import { browserAndSystem, UNKNOWN_BROWSER } from '../../../shared/browser-words.ts'

/** Of one that nobody knows, how its own words begin. */
const SHOWN_CHARACTERS = 60

export function loginInWords(userAgent: string | null): string {
  if (userAgent === null) return 'a program that does not say what it is'
  const curl = /^curl\/(\d+)/.exec(userAgent)?.[1]
  if (curl !== undefined) return `curl ${curl}`
  const words = browserAndSystem(userAgent)
  return words.startsWith(UNKNOWN_BROWSER) ? userAgent.slice(0, SHOWN_CHARACTERS) : words
}
