// Waits for an operation, tells how far it is, and prints what became of each item.

import { setTimeout as wait } from 'node:timers/promises'
import type { Operation, OperationItem } from '../../../../shared/operation.ts'
import { numberInWords } from '../../../../shared/plain-words.ts'
import { CliProblem } from '../cli-problem.ts'
import type { AdminRun } from '../spec.ts'
import { countsText, operationItemColumns, tookText } from './operation-text.ts'

/** The first look comes soon, because most operations are short. */
const LOOK_AFTER_MS = 30
const LOOK_AFTER_MS_MAX = 1_000
const TELL_EVERY_MS = 2_000
/** Above it, only what was not done is printed item by item. */
const ITEMS_SHOWN_MAX = 20
const PROBLEMS_SHOWN_MAX = 100

/** Throws CliProblem, with exit code 1, when an item failed: everything has been printed before. */
export async function follow(given: AdminRun, id: string, did: string): Promise<void> {
  const operation = await untilEnded(given, id)
  const { print } = given
  if (print.isJson) await printJson(given, operation)
  else await printResults(given, operation, did)
  if (operation.failed > 0)
    throw new CliProblem(
      'failed',
      `${numberInWords(operation.failed)} failed: holdfast operations retry ${id}`,
    )
}

async function untilEnded({ api, print, clock }: AdminRun, id: string): Promise<Operation> {
  let told = clock.now()
  for (let afterMs = LOOK_AFTER_MS; ; afterMs = Math.min(LOOK_AFTER_MS_MAX, afterMs * 2)) {
    const { body } = await api.get(`/operations/${id}`)
    const operation = body as Operation
    if (operation.state !== 'running') return operation
    if (clock.now() - told >= TELL_EVERY_MS) {
      told = clock.now()
      const done = operation.ok + operation.skipped + operation.failed
      const why = operation.waitsFor === null ? '' : `; waits for ${operation.waitsFor}`
      print.note(
        `${numberInWords(done)} of ${numberInWords(operation.count)}${why} (holdfast operations cancel ${id})`,
      )
    }
    await wait(afterMs)
  }
}

async function printJson({ api, print }: AdminRun, operation: Operation): Promise<void> {
  print.json(operation)
  for await (const item of api.rows(`/operations/${operation.id}/items`, {})) print.json(item)
}

async function printResults({ api, print }: AdminRun, operation: Operation, did: string): Promise<void> {
  const { id, count, undo, state } = operation
  const ended = state === 'cancelled' ? 'cancelled' : 'done'
  print.line(
    `${did}: ${ended}, ${countsText(operation)} of ${numberInWords(count)} in ${tookText(operation)}.`,
  )
  const isShort = count <= ITEMS_SHOWN_MAX
  const items: OperationItem[] = []
  for (const status of isShort ? [undefined] : ['skipped', 'failed']) {
    const { rows } = await api.list(`/operations/${id}/items`, { status }, PROBLEMS_SHOWN_MAX)
    items.push(...(rows as readonly OperationItem[]))
  }
  if (items.length > 0) print.table(operationItemColumns(print), items)
  if (!isShort) print.line(`All of them: holdfast operations items ${id}`)
  if (undo.items > 0 && undo.until !== null)
    print.line(`To take it back (${print.deadline(undo.until)}): holdfast undo ${id}`)
}
