// The columns of a list of sessions.

import { bytesInWords, numberInWords } from '../../../../shared/plain-words.ts'
import type { SessionSummary } from '../../../../shared/session-summary.ts'
import type { Printer } from '../printer.ts'
import type { Column } from '../table.ts'

export function sessionColumns(print: Printer): readonly Column<SessionSummary>[] {
  return [
    { title: 'Client id', text: session => session.clientId, shrinksTo: 12 },
    { title: 'State', text: stateText },
    { title: 'Queued', text: ({ queued }) => numberInWords(queued.count), align: 'right' },
    { title: 'Full', text: ({ queued }) => `${Math.floor(queued.full * 100)} %`, align: 'right' },
    { title: 'Size', text: ({ queued }) => bytesInWords(queued.bytes), align: 'right' },
    { title: 'In flight', text: ({ inflight }) => `${inflight.out}`, align: 'right', onlyWide: true },
    { title: 'Lost', text: ({ queued }) => numberInWords(queued.dropped), align: 'right', onlyWide: true },
    { title: 'Seen', text: session => (session.connected ? 'now' : print.time(session.lastSeenAt)) },
    { title: 'Expires', text: session => expiryText(print, session) },
    { title: 'Stuck', text: ({ stuck }) => stuck ?? '-', onlyWide: true },
    { title: 'Owner', text: ({ owner }) => owner || '-', onlyWide: true },
    { title: 'MQTT', text: ({ protocol }) => versionText(protocol), onlyWide: true },
    { title: 'Subscriptions', text: session => `${session.subscriptions}`, align: 'right', onlyWide: true },
    { title: 'From', text: ({ remote }) => remoteText(remote), onlyWide: true },
    { title: 'Origin', text: ({ remote }) => remote?.origin ?? '-', onlyWide: true },
  ]
}

export function stateText({ state, hold }: Pick<SessionSummary, 'state' | 'hold'>): string {
  return hold === null ? state : `${state}, held`
}

export function expiryText(
  print: Printer,
  { connected, expiry }: Pick<SessionSummary, 'connected' | 'expiry'>,
) {
  const { at, intervalSeconds, pinned } = expiry
  const pin = pinned ? ' (pinned)' : ''
  if (intervalSeconds === null) return `never${pin}`
  if (at !== null) return `${print.time(at)}${pin}`
  return connected ? `-${pin}` : `?${pin}`
}

export function versionText(protocol: number | null): string {
  if (protocol === null) return '-'
  return { 3: '3.1', 4: '3.1.1', 5: '5' }[protocol] ?? `${protocol}`
}

export function remoteText(remote: SessionSummary['remote']): string {
  return remote === null ? '-' : `${remote.ip.includes(':') ? `[${remote.ip}]` : remote.ip}:${remote.port}`
}
