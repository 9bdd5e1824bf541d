// Members of plans made by lot, and a side database in memory with the tables for them.

import { after } from 'node:test'
import { openItems } from '../../../../server/admin/items/pages.ts'
import type { Member } from '../../../../server/admin/plans/member.ts'
import { openSide, type SideDatabase } from '../../../../server/store/side/side-database.ts'
import { type BlockedReason, blockedReasons } from '../../../../shared/plan.ts'
import type { SeededRandom } from '../../../fuzz/seeded-random.ts'

export async function sideForTest(): Promise<SideDatabase> {
  const side = await openSide({
    dataDirectory: undefined,
    fatal: message => {
      throw new Error(message)
    },
  })
  after(() => side.close())
  await openItems(side)
  return side
}

const odd = ['', 'web/', 'ü', '\u{1f980}', '"', '\\', '\n', '\u0000', '[', ',', '-']

export function randomKey(random: SeededRandom, different: number): string {
  return `${random.pick(odd)}k${random.below(different)}`
}

export function randomMember(random: SeededRandom, key: string): Member {
  const blocked: BlockedReason | undefined = random.once(5) ? random.pick(blockedReasons) : undefined
  return {
    key,
    generation: !random.once(10) ? `g${random.below(1_000_000)}` : '',
    connected: random.once(3),
    since: random.once(10) ? 0 : 1_700_000_000_000 + random.below(1e9),
    messages: random.once(2) ? 0 : random.below(2_000),
    bytes: random.once(2) ? 0 : random.below(1e9) * 100,
    subscriptions: random.below(5),
    will: random.once(5),
    blocked,
    particulars: !random.once(5) ? '' : `1-${random.below(100) + 2}`,
  }
}
