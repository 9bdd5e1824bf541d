// What of the audit is asked for, as it stands in the address and goes to the broker.

import type { AuditRecord } from '../../../shared/audit.ts'

export type AuditQuestion = {
  readonly actor?: string
  readonly verb?: string
  readonly target?: string
  readonly result?: string
  /** ISO 8601. */
  readonly from?: string
  readonly to?: string
}

const results: readonly AuditRecord['result'][] = ['done', 'refused', 'failed']
const names = ['actor', 'verb', 'target', 'from', 'to'] as const

export function questionOf(query: URLSearchParams): AuditQuestion {
  const found: Record<string, string> = {}
  for (const name of names) {
    const value = query.get(name)
    if (value !== null && value !== '') found[name] = value
  }
  const result = results.find(one => one === query.get('result'))
  return result === undefined ? found : { ...found, result }
}

export function isNarrowed(question: AuditQuestion): boolean {
  return Object.keys(question).length > 0
}
