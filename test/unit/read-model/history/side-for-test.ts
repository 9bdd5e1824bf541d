// A side database in memory with the history's tables, and what a test wants to know of them.

import { after } from 'node:test'
import { HISTORY_MODULE, historySteps } from '../../../../server/read-model/history/tables.ts'
import { openSide, type SideDatabase } from '../../../../server/store/side/side-database.ts'

export async function sideForTest(): Promise<SideDatabase> {
  const side = await openSide({
    dataDirectory: undefined,
    fatal: message => {
      throw new Error(message)
    },
  })
  after(() => side.close())
  await side.define(HISTORY_MODULE, historySteps)
  return side
}

export async function numberOf(side: SideDatabase, expression: string): Promise<number> {
  const [row] = await side.read(`SELECT ${expression} AS value`)
  return Number(row!['value'])
}
