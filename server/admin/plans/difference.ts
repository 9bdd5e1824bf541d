// What has changed between a plan's list and the same question asked now: both in the order of their keys, side by side.

import type { PlanDifference } from '../../../shared/plan.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import { allLines } from '../items/pages.ts'
import type { Slices } from '../slices.ts'
import { type Member, memberOf } from './member.ts'
import type { MemberColumns } from './member-columns.ts'

const SAMPLE_SHOWN = 20

export async function difference(
  before: { readonly side: SideDatabase; readonly list: string },
  now: MemberColumns,
  slices: Slices,
): Promise<PlanDifference> {
  const added = new Count()
  const gone = new Count()
  const later = new Acted(now, await now.sorted(slices))
  for await (const lines of allLines(before.side, before.list)) {
    slices.restart()
    for (const line of lines) {
      const member = memberOf(line)
      if (member.blocked !== undefined) continue
      for (; later.member !== undefined && later.member.key < member.key; later.next())
        added.add(later.member.key)
      if (later.member === undefined || later.member.key !== member.key) gone.add(member.key)
      else {
        if (!isSame(later.member, member)) {
          gone.add(member.key)
          added.add(member.key)
        }
        later.next()
      }
      if (slices.isOver()) await slices.next()
    }
  }
  for (; later.member !== undefined; later.next()) {
    added.add(later.member.key)
    if (slices.isOver()) await slices.next()
  }
  return { added: added.result(), gone: gone.result() }
}

/** One session, or one retained message, and not another under the same name. */
function isSame(a: Member, b: Member): boolean {
  return a.generation === b.generation && (a.generation !== '' || a.since === b.since)
}

/** The members that would be acted on, one after the other. */
class Acted {
  readonly #columns: MemberColumns
  readonly #positions: Uint32Array
  #at = -1
  member: Member | undefined

  constructor(columns: MemberColumns, positions: Uint32Array) {
    this.#columns = columns
    this.#positions = positions
    this.next()
  }

  next(): void {
    do {
      this.#at++
      this.member =
        this.#at < this.#positions.length ? this.#columns.get(this.#positions[this.#at]!) : undefined
    } while (this.member?.blocked !== undefined)
  }
}

class Count {
  #count = 0
  readonly #sample: string[] = []

  add(key: string): void {
    this.#count++
    if (this.#sample.length < SAMPLE_SHOWN) this.#sample.push(key)
  }

  result(): PlanDifference['added'] {
    return { count: this.#count, sample: this.#sample }
  }
}
