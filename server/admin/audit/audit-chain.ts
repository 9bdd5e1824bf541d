// The hash of an audit record over its content and the hash before it: whoever changes one must change all that follow.

import { createHash } from 'node:crypto'
import type { AuditEntry, AuditRecord } from '../../../shared/audit.ts'

/** What the first record follows. */
export const CHAIN_START = '0'.repeat(64)

export function chained(entry: AuditEntry, sequence: number, previousHash: string): AuditRecord {
  const content = { ...entry, sequence, previousHash }
  return { ...content, hash: hashOf(content) }
}

/** Why the record is not what stood here, or does not follow the one before; undefined when all is well. */
export function problemOf(record: AuditRecord, sequence: number, previousHash: string): string | undefined {
  if (record.sequence !== sequence)
    return record.sequence > sequence ? `record ${sequence} is missing` : 'it stands there twice'
  if (record.previousHash !== previousHash) return 'it does not follow the record before it'
  return record.hash === hashOf(record) ? undefined : 'its content was changed'
}

/** In one order of names, whatever order they were given in. */
function hashOf(record: Omit<AuditRecord, 'hash'>): string {
  const { sequence, at, actor, address, requestId, verb, target, reason, result, detail, previousHash } =
    record
  const { kind, name, role } = actor
  const content = [sequence, at, kind, name, role, address, requestId, verb, target, reason, result]
  return createHash('sha256')
    .update(`${previousHash}\n${JSON.stringify(content)}\n${JSON.stringify(detail)}`)
    .digest('hex')
}
