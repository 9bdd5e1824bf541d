// `events`: what has happened to the broker and its sessions, from the past or as it happens.

import { setTimeout as wait } from 'node:timers/promises'
import { type TimelineEntry, timelineKinds } from '../../../../shared/history.ts'
import { nearest } from '../../../../shared/nearest.ts'
import { printable } from '../../../../shared/printable.ts'
import { wholeNumber } from '../arguments.ts'
import { CliProblem } from '../cli-problem.ts'
import { cutTo, padTo } from '../display-width.ts'
import { limitFlag } from '../flags.ts'
import { printList } from '../print-list.ts'
import { kindFlag } from '../sessions/timeline.ts'
import type { AdminRun, AdminSpec, Arguments } from '../spec.ts'
import { timeText } from '../times.ts'
import { type EventRow, eventColumns, eventText } from './event-columns.ts'

export const brokerGroup = 'A running broker'

/** How long until a stream that was cut off is asked for again. */
const AGAIN_MS = 1_000
const KIND_COLUMNS = 15

export const eventCommands: readonly AdminSpec[] = [
  {
    name: 'events',
    group: brokerGroup,
    summary: 'Show what has happened to sessions and broker, or follow it as it happens.',
    explanation:
      'With --follow, --limit N ends it after N events; a stream that is cut off is taken up where it was.',
    flags: [
      { name: '--follow', meaning: 'Print events as they happen, until Ctrl-C.' },
      kindFlag,
      { name: '--actor', value: 'NAME', meaning: 'Only what this user or key did.' },
      { name: '--from', value: 'TIME', meaning: 'Not before, such as 2026-11-26T12:00:00Z.' },
      { name: '--to', value: 'TIME', meaning: 'Not after.' },
      limitFlag,
    ],
    run: async given => {
      checkKinds(given)
      if (given.switches.has('--follow')) return followEvents(given)
      const { options, print } = given
      const query = {
        kind: options.get('--kind'),
        actor: options.get('--actor'),
        from: timeOf(given, '--from'),
        to: timeOf(given, '--to'),
      }
      const columns = eventColumns(print, { clientId: true })
      await printList<TimelineEntry>(given, { path: '/events', query, columns, what: 'event' })
    },
  },
]

function checkKinds({ options }: Arguments): void {
  for (const kind of kindsOf({ options }) ?? []) {
    if (timelineKinds.some(known => known === kind)) continue
    const meant = nearest(kind, timelineKinds)
    const hint = meant === undefined ? `There are ${timelineKinds.join(', ')}.` : `Did you mean ${meant}?`
    throw new CliProblem('wrongUsage', `There are no events ${JSON.stringify(kind)}. ${hint}`)
  }
}

function kindsOf({ options }: Pick<Arguments, 'options'>): readonly string[] | undefined {
  return options.get('--kind')?.split(',')
}

function timeOf({ options }: Pick<Arguments, 'options'>, flag: string): string | undefined {
  const text = options.get(flag)
  if (text === undefined) return undefined
  const ms = Date.parse(text)
  if (!Number.isNaN(ms)) return new Date(ms).toISOString()
  throw new CliProblem(
    'wrongUsage',
    `${flag} must be a time such as 2026-11-26T12:00:00Z, not ${JSON.stringify(text)}.`,
  )
}

/** A stream that ends is asked for again from where it ended; one that is refused is the end. */
async function followEvents(given: AdminRun): Promise<void> {
  const left = { events: wholeNumber(given, '--limit', { min: 1, max: Number.MAX_SAFE_INTEGER }) ?? Infinity }
  const stop = new AbortController()
  let lastEventId: string | undefined
  for (let isFirst = true; left.events > 0; isFirst = false) {
    try {
      const options = { lastEventId, signal: stop.signal }
      for await (const event of given.api.events('/events/stream', { topics: 'events' }, options)) {
        lastEventId = event.id ?? lastEventId
        if (print(given, event.event, event.data)) left.events--
        if (left.events <= 0) break
      }
    } catch (error) {
      // Before anything has come, somebody is to be told; later, the broker may only be starting anew.
      const isCut = error instanceof CliProblem ? error.exit === 'unreachable' : error instanceof TypeError
      if (isFirst || !isCut) throw error
      given.print.note('The broker cannot be reached; asking again.')
    }
    if (left.events > 0) await wait(AGAIN_MS)
  }
  stop.abort()
}

/** Whether it was one that was asked for. */
function print(given: AdminRun, name: string, data: string): boolean {
  if (name === 'auth')
    throw new CliProblem('notAllowed', 'The key is no longer good for this: the stream has ended.')
  if (name === 'event.gap' || name === 'behind' || name === 'reset') {
    given.print.note(
      'Some events came too fast, or while nobody listened, and are missing here: `holdfast events` has them.',
    )
    return false
  }
  if (name !== 'event') return false
  const event = JSON.parse(data) as EventRow
  const kinds = kindsOf(given)
  const actor = given.options.get('--actor')
  if (kinds !== undefined && !kinds.includes(event.kind)) return false
  if (actor !== undefined && event.actor !== actor) return false
  if (given.print.isJson) given.print.json(event)
  else given.print.row(eventLine(given, event))
  return true
}

function eventLine({ clock, switches }: AdminRun, event: EventRow): string {
  const { at, kind, clientId } = event
  // Columns cannot be as wide as rows that have not come yet.
  const when = timeText(at, clock.now(), 'utc')
  const time = switches.has('--utc') ? when : when.slice(11, 19)
  return `${time}  ${padTo(cutTo(kind, KIND_COLUMNS), KIND_COLUMNS, 'left')}  ${printable(clientId ?? '-')}  ${printable(eventText(event))}`
}
