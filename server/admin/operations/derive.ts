// Lists of operations that follow from another one: of what failed, and of what can be taken back.

import { itemStatuses } from '../../../shared/operation.ts'
import type { Millis } from '../../clock.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import { PageWriter } from '../items/pages.ts'
import { lineOf, type Member } from '../plans/member.ts'
import { bareMember } from '../plans/session-member.ts'
import { type NumberedResult, undoEnds } from './item-result.ts'
import { membersOf } from './operation-reads.ts'
import { type OperationRecord, resultOf } from './operation-records.ts'
import type { UndoParticulars } from './undo-item.ts'

const RESULTS_PER_READ = 1_024

/** Writes the members that failed, as they were planned; resolves to how many there are. */
export function writeFailed(side: SideDatabase, of: OperationRecord, list: string): Promise<number> {
  return writeDerived(side, of, list, {
    where: `status = ${itemStatuses.indexOf('failed')}`,
    member: member => member,
  })
}

/** Writes what can still be taken back, and how. */
export function writeUndoable(
  side: SideDatabase,
  of: OperationRecord,
  list: string,
  now: Millis,
): Promise<number> {
  return writeDerived(side, of, list, {
    where: 'undo IS NOT NULL',
    member: (member, { undo, number, bytes, messages }) => {
      const ends = undo === undefined ? 0 : undoEnds(undo)
      if (undo === undefined || (ends !== undefined && ends <= now)) return undefined
      const particulars: UndoParticulars = { undo, of: number }
      return { ...member, messages, bytes, particulars: JSON.stringify(particulars) }
    },
  })
}

async function writeDerived(
  side: SideDatabase,
  of: OperationRecord,
  list: string,
  choice: {
    readonly where: string
    readonly member: (member: Member, result: NumberedResult) => Member | undefined
  },
): Promise<number> {
  const writer = new PageWriter(side, list)
  let count = 0
  for (let from = 0; ; ) {
    const rows = await side.read(
      `SELECT * FROM operation_result WHERE operation = ? AND number >= ? AND ${choice.where} ORDER BY number LIMIT ?`,
      of.number,
      from,
      RESULTS_PER_READ,
    )
    const results = rows.map(resultOf)
    const members = of.list === undefined ? singleMember(of) : await membersOf(side, of.list, results)
    for (const result of results) {
      const member = members.get(result.number)
      const derived = member === undefined ? undefined : choice.member(member, result)
      if (derived === undefined) continue
      writer.add(lineOf(derived))
      count++
    }
    if (writer.isFull) await writer.flush()
    if (results.length < RESULTS_PER_READ) break
    from = results.at(-1)!.number + 1
  }
  await writer.finish()
  return count
}

/** An act on one session, or on one retained message, has no list. */
function singleMember({ facts }: OperationRecord): ReadonlyMap<number, Member> {
  const { clientId, topic, generation } = facts
  return new Map([[0, bareMember(clientId ?? topic ?? '', generation ?? '', undefined)]])
}
