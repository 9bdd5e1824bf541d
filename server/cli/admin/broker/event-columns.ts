// Events of a timeline as rows: when, what, to whom, and what else is known.

import type { TimelineEntry } from '../../../../shared/history.ts'
import type { Printer } from '../printer.ts'
import type { Column } from '../table.ts'

/** What every event has, live or from a list. */
export type EventRow = Pick<TimelineEntry, 'at' | 'kind' | 'clientId' | 'actor' | 'data'> & {
  readonly count?: number
}

export function eventColumns(
  print: Printer,
  shows: { readonly clientId: boolean },
): readonly Column<EventRow>[] {
  const clientId: Column<EventRow> = { title: 'Client id', text: row => row.clientId ?? '-', shrinksTo: 10 }
  return [
    { title: 'When', text: ({ at }) => print.time(at) },
    { title: 'What', text: ({ kind, count = 1 }) => (count === 1 ? kind : `${kind} x${count}`) },
    ...(shows.clientId ? [clientId] : []),
    { title: 'By', text: ({ actor }) => actor ?? '-', shrinksTo: 4 },
    { title: 'Facts', text: ({ data }) => dataText(data), shrinksTo: 20 },
  ]
}

/** `cause=socket closeCode=1006`: names are those of docs/HISTORY.md. */
export function dataText(data: Readonly<Record<string, unknown>>): string {
  return Object.entries(data)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join(' ')
}

function valueText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return /[\s="]/.test(value) || value === '' ? JSON.stringify(value) : value
}
