// Reads the audit from its beginning and holds each record to the one before.

import type { AuditRecord, AuditVerification } from '../../../shared/audit.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import { problemOf } from './audit-chain.ts'
import { recordOf } from './audit-table.ts'

const PAGE = 1_000
/** The verb of the record that tells what was cut off. */
export const CUT_VERB = 'audit.cut'

export type Place = Pick<AuditRecord, 'sequence' | 'hash'>

interface Broken {
  readonly at: number
  readonly why: string
}

/** `anchor` is the last record that was cut off, `newest` the last that was written. */
export async function verifyChain(
  side: SideDatabase,
  anchor: Place,
  newest: Place,
): Promise<AuditVerification> {
  let last = anchor
  let isCutTold = anchor.sequence === 0
  let broken: Broken | undefined
  while (last.sequence < newest.sequence && broken === undefined) {
    const page = await readPage(side, last.sequence, newest.sequence)
    if (page.length === 0) broken = { at: last.sequence + 1, why: 'the newest records are missing' }
    for (const record of page) {
      const why = problemOf(record, last.sequence + 1, last.hash)
      if (why !== undefined) {
        broken = { at: record.sequence, why }
        break
      }
      isCutTold ||= tellsOf(record, anchor)
      last = record
    }
  }
  if (broken === undefined && last.hash !== newest.hash)
    broken = { at: last.sequence, why: 'it is not the record that was the newest' }
  if (broken === undefined && !isCutTold)
    broken = { at: anchor.sequence, why: 'records before were removed, and none says so' }
  return verification(anchor, last, broken)
}

function verification(anchor: Place, last: Place, broken: Broken | undefined): AuditVerification {
  const records = last.sequence - anchor.sequence
  const any = records > 0
  return {
    intact: broken === undefined,
    records,
    firstSequence: any ? anchor.sequence + 1 : null,
    lastSequence: any ? last.sequence : null,
    lastHash: any ? last.hash : null,
    brokenAt: broken?.at ?? null,
    why: broken?.why ?? null,
  }
}

async function readPage(side: SideDatabase, after: number, upTo: number): Promise<readonly AuditRecord[]> {
  const sql = 'SELECT * FROM audit WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?'
  return (await side.read(sql, after, upTo, PAGE)).map(recordOf)
}

function tellsOf({ verb, detail }: AuditRecord, anchor: Place): boolean {
  return verb === CUT_VERB && detail['throughSequence'] === anchor.sequence && detail['hash'] === anchor.hash
}
