// Operations that have ended go when they are too old, or too many; in steps, so that nobody waits long for the database.

import type { Millis } from '../../clock.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import { dropList } from '../items/pages.ts'
import { ITEMS_KEPT_MAX, OPERATIONS_KEPT_MAX, OPERATIONS_KEPT_MS } from './limits.ts'

const RESULTS_PER_DROP = 20_000
const OPERATIONS_PER_LOOK = 500

export async function tidyOperations(side: SideDatabase, now: Millis): Promise<void> {
  for (;;) {
    const [sum] = await side.read('SELECT COUNT(*) AS count, COALESCE(SUM(items), 0) AS items FROM operation')
    let count = Number(sum?.['count'] ?? 0)
    let items = Number(sum?.['items'] ?? 0)
    const rows = await side.read(
      "SELECT number, id, list, plan, items, startedAt FROM operation WHERE state != 'running' ORDER BY number LIMIT ?",
      OPERATIONS_PER_LOOK,
    )
    let dropped = 0
    for (const row of rows) {
      const isOld = Number(row['startedAt']) + OPERATIONS_KEPT_MS <= now
      if (!isOld && count <= OPERATIONS_KEPT_MAX && items <= ITEMS_KEPT_MAX) break
      await dropOperation(side, Number(row['number']), row['list'], row['plan'])
      count--
      items -= Number(row['items'])
      dropped++
    }
    if (dropped < OPERATIONS_PER_LOOK) return
  }
}

async function dropOperation(
  side: SideDatabase,
  number: number,
  list: unknown,
  plan: unknown,
): Promise<void> {
  for (let from = 0; ; from += RESULTS_PER_DROP) {
    const [row] = await side.read(
      'SELECT 1 AS there FROM operation_result WHERE operation = ? AND number >= ? LIMIT 1',
      number,
      from,
    )
    if (row === undefined) break
    await side.write([
      [
        'DELETE FROM operation_result WHERE operation = ? AND number BETWEEN ? AND ?',
        number,
        from,
        from + RESULTS_PER_DROP - 1,
      ],
    ])
  }
  if (typeof plan === 'string') await side.write([['DELETE FROM plan WHERE id = ?', plan]])
  await side.write([['DELETE FROM operation WHERE number = ?', number]])
  if (typeof list === 'string') await dropList(side, list)
}

/** Lists that a crash has kept from being plans or operations; nobody must be writing one. */
export async function dropStrays(side: SideDatabase): Promise<void> {
  const rows = await side.read(
    'SELECT DISTINCT list FROM item_page WHERE list NOT IN (SELECT id FROM plan) AND list NOT IN (SELECT list FROM operation WHERE list IS NOT NULL)',
  )
  for (const row of rows) await dropList(side, String(row['list']))
}
