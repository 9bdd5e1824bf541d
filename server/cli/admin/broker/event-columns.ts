// Events of a timeline as rows: when, what, to whom, in a sentence, and where from.

import type { TimelineEntry } from '../../../../shared/history.ts'
import { timelinePlace, timelineSentence } from '../../../../shared/timeline-words.ts'
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
    { title: 'Kind', text: ({ kind }) => kind },
    ...(shows.clientId ? [clientId] : []),
    { title: 'What', text: timelineSentence, shrinksTo: 20 },
    { title: 'From', text: event => timelinePlace(event) || '-', shrinksTo: 8 },
  ]
}

/** For a line without columns: `Connected with MQTT 3.1.1, ...; from 10.2.3.4`. */
export function eventText(event: EventRow): string {
  const place = timelinePlace(event)
  return place === '' ? timelineSentence(event) : `${timelineSentence(event)}; from ${place}`
}
