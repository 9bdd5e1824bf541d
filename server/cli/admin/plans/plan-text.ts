// A plan as a person reads it before saying yes: how many, what would be lost, what is left out, what can be undone.

import { bytesInWords, countInWords, numberInWords } from '../../../../shared/plain-words.ts'
import type { Plan, PlanItem } from '../../../../shared/plan.ts'
import type { Printer } from '../printer.ts'
import type { Column } from '../table.ts'

/** `clean 31 sessions` */
export function planInWords({ action, count }: Pick<Plan, 'action' | 'count'>): string {
  return `${action} ${countInWords(count, whatOf({ action }))}`
}

export function whatOf({ action }: Pick<Plan, 'action'>): string {
  return action === 'retained.delete' ? 'retained message' : 'session'
}

export function showPlan(print: Printer, plan: Plan): void {
  const { breakdown, wills, needs, state } = plan
  const isAboutSessions = plan.action !== 'retained.delete'
  const online = `${numberInWords(breakdown.online)} online, ${numberInWords(breakdown.offline)} offline`
  print.facts([
    ['Plan', `${plan.id}: ${planInWords(plan)}`],
    ['Filter', plan.filter ?? undefined],
    ['Of these', isAboutSessions ? online : undefined],
    ['Ids', prefixesText(plan)],
    ['Would be lost', `${countInWords(plan.messagesLost, 'message')}, ${bytesInWords(plan.bytesLost)}`],
    ['Wills', wills === 0 ? undefined : `${numberInWords(wills)} would be published`],
    ['Left alone', blockedText(plan)],
    ['Undo', undoText(print, plan)],
    ['Needs', needs.role === 'admin' ? 'an admin' : undefined],
    ['Good', state === 'open' ? print.deadline(plan.expiresAt) : `no: it is ${state}`],
  ])
  if (plan.biggest.length === 0) return
  print.line()
  print.table(planItemColumns(print), plan.biggest)
  const rest = plan.count - plan.biggest.length
  if (rest > 0) print.line(`and ${numberInWords(rest)} more: holdfast plan items ${plan.id}`)
}

function prefixesText({ prefixes }: Plan): string | undefined {
  return prefixes.map(({ prefix, count }) => `${prefix}* (${numberInWords(count)})`).join(', ') || undefined
}

function blockedText({ blockedCount, blockedReasons }: Plan): string | undefined {
  if (blockedCount === 0) return undefined
  return blockedReasons.map(({ reason, count }) => `${numberInWords(count)} ${reason}`).join(', ')
}

const noUndo: Readonly<Record<NonNullable<Plan['undo']['why']>, string>> = {
  'no-undo': 'it takes nothing away that could be put back',
  off: 'undo is switched off',
  'over-budget': 'there is no room for more',
  'ends-with-connection': 'sessions that end with their connection cannot be put back',
}

function undoText(print: Printer, { undo, undoUntil, undoable, count }: Plan): string {
  const until = undoUntil === null ? '' : `, ${print.deadline(undoUntil)}`
  if (undoable) return `all of it${until}`
  const why = undo.why === null ? '' : `: ${noUndo[undo.why]}`
  return undo.items === 0 ? `NONE${why}` : `only ${undo.items} of ${count}${until}${why}`
}

export function planItemColumns(print: Printer): readonly Column<PlanItem>[] {
  return [
    { title: 'Item', text: ({ clientId, topic }) => clientId ?? topic ?? '-', shrinksTo: 16 },
    { title: 'State', text: ({ connected }) => (connected ? 'online' : 'offline') },
    { title: 'Since', text: ({ since }) => print.time(since) },
    { title: 'Messages', text: ({ messages }) => numberInWords(messages), align: 'right' },
    { title: 'Size', text: ({ bytes }) => bytesInWords(bytes), align: 'right' },
    { title: 'Subscriptions', text: one => `${one.subscriptions}`, align: 'right', onlyWide: true },
    { title: 'Will', text: ({ will }) => (will ? 'will' : '') },
    { title: 'Left alone', text: ({ blocked }) => blocked ?? '' },
  ]
}
