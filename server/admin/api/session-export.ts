// The export of sessions: all that match a filter, streamed at the pace of whoever reads.

import { Readable } from 'node:stream'
import Type from 'typebox'
import type { SessionSummary } from '../../../shared/session-summary.ts'
import { csvHead, csvLine } from '../sessions/csv.ts'
import { readFilter, withinScope } from '../sessions/scope.ts'
import type { ApiContext } from './context.ts'
import { overloaded } from './overloaded.ts'
import { problem } from './problem.ts'
import { type ApiRoute, defineRoute, media } from './route.ts'
import { filterSchema, SESSIONS_TAG } from './session-params.ts'

/** Each holds the numbers of all rows that matched, 16 MB for a million, for as long as somebody reads. */
const EXPORTS_MAX = 4
/** Whoever takes no byte for so long gives up its place. */
const IDLE_MS = 60_000

const formats = ['csv', 'ndjson'] as const
const mediaTypes = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const

const exportQuery = Type.Object(
  {
    filter: filterSchema,
    format: Type.Enum(formats, { default: 'csv' }),
  },
  { additionalProperties: false },
)

export function sessionExportRoutes({ table }: ApiContext): readonly ApiRoute[] {
  let running = 0
  return [
    defineRoute({
      method: 'GET',
      url: '/sessions:export',
      summary: 'All sessions that match a filter, as CSV or as one JSON object a line, in no order.',
      description:
        'Each row is as its session is when it is written; no session comes twice. A CSV cell that a spreadsheet would take for a formula has an apostrophe in front.',
      tag: SESSIONS_TAG,
      role: 'viewer',
      audit: 'session.export',
      limitedKeys: 'filtered',
      cost: 10,
      query: exportQuery,
      response: { 200: media(mediaTypes.csv, mediaTypes.ndjson) },
      example: { 200: `${csvHead}web-kiosk-11,...` },
      problems: ['limit-exceeded'],
      handle: async (request, reply) => {
        const { filter, format } = request.query
        if (running >= EXPORTS_MAX) {
          const detail = `${EXPORTS_MAX} exports are running; wait until one has ended.`
          throw problem('limit-exceeded', { detail, headers: { 'retry-after': '5' } })
        }
        running++
        const walk = await table.rows(withinScope(request.actor, readFilter(filter))).catch(error => {
          running--
          throw error
        })
        if (walk.at === 'overloaded') {
          running--
          throw overloaded(walk)
        }
        request.act.tell({ filter, format, sessions: walk.count })
        const stream = Readable.from(format === 'csv' ? csv(walk.batches) : ndjson(walk.batches))
        stream.once('close', () => running--)
        reply.raw.setTimeout(IDLE_MS, () => stream.destroy())
        reply.headers({
          'content-type': `${mediaTypes[format]}; charset=utf-8`,
          'content-disposition': `attachment; filename="sessions.${format}"`,
        })
        return stream
      },
    }),
  ]
}

async function* csv(batches: AsyncIterable<readonly SessionSummary[]>): AsyncGenerator<string> {
  yield csvHead
  for await (const batch of batches) yield batch.map(csvLine).join('')
}

async function* ndjson(batches: AsyncIterable<readonly SessionSummary[]>): AsyncGenerator<string> {
  for await (const batch of batches) yield batch.map(session => `${JSON.stringify(session)}\n`).join('')
}
