// How a test ends, in the few words that a row or a cell has room for.

import { findingOf, type LabFinding, NOTHING, numbersInWords } from '../../../shared/lab-expected.ts'
import type { LabScript } from '../../../shared/lab-tests.ts'

/** `all 5`, `none`, or what has come. */
export function arrivedInShort(findings: readonly LabFinding[], messages: number): string {
  const value = findingOf(findings, 'arrived')
  if (value === undefined) return ''
  if (value === NOTHING) return 'none'
  const all = numbersInWords(Array.from({ length: messages }, (_, index) => index + 1))
  return value === all ? `all ${messages}` : value
}

/** `all 5; session present: yes`. */
export function outcomeInShort(script: LabScript, findings: readonly LabFinding[], messages: number): string {
  switch (script) {
    case 'takeover':
      return `the first tab ${findingOf(findings, 'first-lost') ?? ''}, the second one has the session`
    case 'exactly-once':
      return `${arrivedInShort(findings, messages)}, once each`
    default:
      return `${arrivedInShort(findings, messages)}; session present: ${findingOf(findings, 'present') ?? ''}`
  }
}
