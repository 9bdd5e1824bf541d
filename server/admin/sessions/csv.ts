// Sessions as lines of CSV (RFC 4180) that a spreadsheet can open without running what a client has written into them.

import type { SessionSummary } from '../../../shared/session-summary.ts'

type Cell = string | number | boolean | null | undefined

const columns: readonly (readonly [name: string, of: (session: SessionSummary) => Cell])[] = [
  ['clientId', session => session.clientId],
  ['owner', session => session.owner],
  ['generation', session => session.generation],
  ['version', session => session.version],
  ['state', session => session.state],
  ['stuck', session => session.stuck],
  ['connected', session => session.connected],
  ['protocol', session => session.protocol],
  ['clean', session => session.clean],
  ['queued', session => session.queued.count],
  ['bytes', session => session.queued.bytes],
  ['queueLimit', session => session.queued.limit],
  ['queueBytesLimit', session => session.queued.bytesLimit],
  ['full', session => session.queued.full],
  ['overflow', session => session.queued.overflow],
  ['dropped', session => session.queued.dropped],
  ['inflight', session => session.inflight.out],
  ['awaitingPubrel', session => session.inflight.awaitingPubrel],
  ['oldestInflightAt', session => session.inflight.oldestAt],
  ['subscriptions', session => session.subscriptions],
  ['expiresAt', session => session.expiry.at],
  ['expirySeconds', session => session.expiry.intervalSeconds],
  ['expirySource', session => session.expiry.source],
  ['expiryPinned', session => session.expiry.pinned],
  ['createdAt', session => session.createdAt],
  ['connectedAt', session => session.connectedAt],
  ['lastSeenAt', session => session.lastSeenAt],
  ['ip', session => session.remote?.ip],
  ['port', session => session.remote?.port],
  ['transport', session => session.remote?.transport],
  ['origin', session => session.remote?.origin],
  ['userAgent', session => session.remote?.userAgent],
  ['path', session => session.remote?.path],
  ['heldUntil', session => session.hold?.until],
  ['heldBy', session => session.hold?.by],
]

const LINE_END = '\r\n'

export const csvHead = columns.map(([name]) => name).join(',') + LINE_END

export function csvLine(session: SessionSummary): string {
  return columns.map(([, of]) => csvCell(of(session))).join(',') + LINE_END
}

/** A text that a spreadsheet would take for a formula gets an apostrophe in front, as spreadsheets themselves write it. */
export function csvCell(cell: Cell): string {
  if (typeof cell !== 'string') return `${cell ?? ''}`
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
