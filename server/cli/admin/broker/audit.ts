// `audit`: who did what, why, and whether the record of it is whole.

import { type AuditRecord, type AuditVerification, auditResults } from '../../../../shared/audit.ts'
import { countInWords } from '../../../../shared/plain-words.ts'
import { PAGE_ROWS_MAX } from '../api-client.ts'
import { oneOfWords } from '../arguments.ts'
import { CliProblem } from '../cli-problem.ts'
import { limitFlag, limitOf } from '../flags.ts'
import type { Printer } from '../printer.ts'
import type { AdminRun, AdminSpec, Flag } from '../spec.ts'
import type { Column } from '../table.ts'
import { dataText } from './data-text.ts'
import { brokerGroup } from './event-commands.ts'

const searchFlags: readonly Flag[] = [
  { name: '--actor', value: 'NAME', meaning: 'Only what this user or key did.' },
  {
    name: '--verb',
    value: 'VERB',
    meaning: 'Only such acts: `session.clean`, or `session` for all that begin so.',
  },
  { name: '--target', value: 'TEXT', meaning: 'Only what was done to this client id, user, plan, ...' },
  { name: '--result', value: 'RESULT', meaning: `Only what was ${auditResults.join(', ')}.` },
  { name: '--from', value: 'TIME', meaning: 'Not before, such as 2026-11-26T12:00:00Z.' },
  { name: '--to', value: 'TIME', meaning: 'Not after.' },
]

export const auditCommands: readonly AdminSpec[] = [
  {
    name: 'audit list',
    group: brokerGroup,
    summary: 'List who did what, the newest first.',
    flags: [...searchFlags, limitFlag],
    run: list,
  },
  {
    name: 'audit verify',
    group: brokerGroup,
    summary: 'Say whether each record of the audit still follows from the one before; exit code 1 if not.',
    run: async ({ api, print }) => {
      const { body } = await api.get('/audit:verify')
      const found = body as AuditVerification
      if (print.isJson) print.json(found)
      if (!found.intact)
        throw new CliProblem('failed', `The audit is broken at record ${found.brokenAt}: ${found.why}.`)
      if (print.isJson) return
      print.line(`The audit is whole: ${countInWords(found.records, 'record')}.`)
      if (found.lastHash !== null)
        print.line(`The last one is ${found.lastSequence}, with hash ${found.lastHash}.`)
    },
  },
  {
    name: 'audit export',
    group: brokerGroup,
    summary: 'Write all records that match to the output, one JSON object a line.',
    flags: searchFlags,
    run: async given => {
      for await (const text of given.api.download('/audit:export', searchOf(given))) given.context.out(text)
    },
  },
]

async function list(given: AdminRun): Promise<void> {
  const { api, print } = given
  const limit = limitOf(given)
  const rows: AuditRecord[] = []
  let before: number | undefined
  do {
    const wanted = Math.min(PAGE_ROWS_MAX, limit - rows.length)
    const { body } = await api.get('/audit', { ...searchOf(given), before, limit: wanted })
    const page = body as {
      readonly data: readonly AuditRecord[]
      readonly page: { readonly next: number | null }
    }
    rows.push(...page.data)
    before = page.page.next ?? undefined
  } while (before !== undefined && rows.length < limit)
  if (print.isJson) for (const row of rows) print.json(row)
  else if (rows.length === 0) print.note('No record.')
  else print.table(columnsOf(print), rows)
  if (before !== undefined)
    print.note(`These are the newest ${rows.length}; --limit N or --limit all shows more.`)
}

function searchOf(given: AdminRun) {
  const { options } = given
  return {
    actor: options.get('--actor'),
    verb: options.get('--verb'),
    target: options.get('--target'),
    result: oneOfWords(given, '--result', auditResults),
    from: options.get('--from'),
    to: options.get('--to'),
  }
}

function columnsOf(print: Printer): readonly Column<AuditRecord>[] {
  return [
    { title: 'No', text: ({ sequence }) => `${sequence}`, align: 'right' },
    { title: 'When', text: ({ at }) => print.time(at) },
    { title: 'Who', text: ({ actor }) => actor.name || '-', shrinksTo: 6 },
    { title: 'Did', text: ({ verb }) => verb },
    { title: 'To', text: ({ target }) => target || '-', shrinksTo: 8 },
    { title: 'Result', text: ({ result }) => result },
    { title: 'Reason', text: ({ reason }) => reason ?? '-', shrinksTo: 6 },
    { title: 'From', text: ({ address }) => address, onlyWide: true },
    { title: 'Facts', text: ({ detail }) => dataText(detail), onlyWide: true },
  ]
}
