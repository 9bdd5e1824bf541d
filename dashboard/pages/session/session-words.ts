// Short words about a session that several parts of its page use.

import { bytesInWords, spanInWords } from '../../../shared/plain-words.ts'
import type { SessionSummary } from '../../../shared/session-summary.ts'

const versions: Readonly<Record<number, string>> = { 3: '3.1', 4: '3.1.1', 5: '5.0' }

/** `3.1.1`; a dash when nobody knows. */
export function versionWord(protocol: number | null): string {
  return protocol === null ? '–' : (versions[protocol] ?? String(protocol))
}

/** `7 d after the client has left`, `never`, `with the connection`. */
export function lifetimeWords({ intervalSeconds }: SessionSummary['expiry']): string {
  if (intervalSeconds === null) return 'never'
  if (intervalSeconds === 0) return 'with the connection'
  return `${spanInWords(intervalSeconds * 1000)} after the client has left`
}

export const sourceWords: Readonly<Record<SessionSummary['expiry']['source'], string>> = {
  client: 'as the client asked',
  policy: 'by broker policy',
  operator: 'as an operator set it',
}

export const overflowWords: Readonly<Record<SessionSummary['queued']['overflow'], string>> = {
  'drop-oldest': 'the oldest are dropped',
  'drop-newest': 'new ones are dropped',
  reject: 'new ones are refused',
}

/** With a space that does not break, as it stands in cells. */
export function bytesWord(bytes: number): string {
  return bytesInWords(bytes).replace(' ', '\u00a0')
}
