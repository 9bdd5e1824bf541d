// Freezes a list: in the order of its keys, each once, digested, added up and written, in slices of the event loop.

import type { PageWriter } from '../items/pages.ts'
import type { Slices } from '../slices.ts'
import { Digest, type DigestHead } from './digest.ts'
import { lineOf } from './member.ts'
import type { MemberColumns } from './member-columns.ts'
import type { Totals } from './totals.ts'

export interface FreezeGiven {
  readonly columns: MemberColumns
  readonly head: DigestHead
  readonly totals: Totals
  readonly writer: PageWriter
  readonly slices: Slices
}

/** Rejects with SideProblem when the list cannot be written. */
export async function freeze(
  given: FreezeGiven,
): Promise<{ readonly digest: string; readonly items: number }> {
  const { columns, head, totals, writer, slices } = given
  const digest = new Digest(head)
  const positions = await columns.sorted(slices)
  for (let number = 0; number < positions.length; number++) {
    const member = columns.get(positions[number]!)
    const line = lineOf(member)
    digest.add([line])
    totals.add(member, number)
    writer.add(line)
    if (writer.isFull) await slices.until(writer.flush())
    else if (slices.isOver()) await slices.next()
  }
  await slices.until(writer.finish())
  return { digest: digest.finish(), items: positions.length }
}
