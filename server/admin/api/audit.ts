// The audit: who did what, searched, exported and verified.

import { Readable } from 'node:stream'
import Type from 'typebox'
import {
  type AuditRecord,
  auditRecordSchema,
  auditResults,
  auditVerificationSchema,
} from '../../../shared/audit.ts'
import type { AuditSearch } from '../audit/audit-table.ts'
import type { ApiContext } from './context.ts'
import { type ApiRoute, defineRoute, media } from './route.ts'
import { millisOf } from './time.ts'

const closed = { additionalProperties: false } as const
const time = Type.String({ format: 'date-time' })

const searchProperties = {
  actor: Type.Optional(Type.String({ maxLength: 64, description: 'The name of a user or a key.' })),
  verb: Type.Optional(
    Type.String({ maxLength: 64, description: '`session.clean`, or `session` for all that begin with it.' }),
  ),
  target: Type.Optional(Type.String({ maxLength: 4_096, description: 'A client id, a user, a plan, ...' })),
  result: Type.Optional(Type.Enum(auditResults)),
  from: Type.Optional(time),
  to: Type.Optional(time),
}

const pageSchema = Type.Object(
  {
    data: Type.Array(auditRecordSchema, { description: 'The newest first.' }),
    page: Type.Object(
      {
        hasMore: Type.Boolean(),
        next: Type.Union([Type.Integer(), Type.Null()], {
          description: 'Give it as `before` for the next page.',
        }),
      },
      closed,
    ),
  },
  closed,
)

const example: AuditRecord = {
  sequence: 4_711,
  at: '2026-11-26T12:00:00.000Z',
  actor: { kind: 'user', name: 'ana', role: 'operator' },
  address: '10.2.3.4',
  requestId: '01M7Z0K3VQ8D5T1N6S2B4C9F7G',
  verb: 'session.clean',
  target: 'web-kiosk-11',
  reason: 'kiosk replaced, ticket 4411',
  result: 'done',
  detail: { messages: 1_000, bytes: 4_194_304 },
  previousHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  hash: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
}

export function auditRoutes(context: ApiContext): readonly ApiRoute[] {
  return [search(context), exportAll(context), verify(context)]
}

function search({ audit }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/audit',
    summary: 'What was done and refused, by whom and why; the newest first.',
    tag: 'Audit',
    role: 'admin',
    query: Type.Object(
      {
        ...searchProperties,
        before: Type.Optional(
          Type.Integer({ minimum: 1, description: 'Only records with a smaller sequence.' }),
        ),
        limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }),
      },
      closed,
    ),
    response: { 200: pageSchema },
    example: { 200: { data: [example], page: { hasMore: false, next: null } } },
    problems: [],
    handle: async ({ query: { limit, ...given } }) => {
      await audit.flush()
      const found = await audit.records.search(inUtc(given), limit + 1)
      const data = found.slice(0, limit)
      const hasMore = found.length > limit
      return { data, page: { hasMore, next: hasMore ? data.at(-1)!.sequence : null } }
    },
  })
}

function exportAll({ audit }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/audit:export',
    summary: 'All records that match, one JSON object a line; the newest first.',
    tag: 'Audit',
    role: 'admin',
    audit: 'audit.export',
    cost: 60,
    query: Type.Object(searchProperties, closed),
    response: { 200: media('application/x-ndjson') },
    example: { 200: `${JSON.stringify(example)}\n` },
    problems: [],
    handle: async ({ query, act }, reply) => {
      await audit.flush()
      act.tell(query)
      reply.header('content-disposition', 'attachment; filename="audit.ndjson"').type('application/x-ndjson')
      return Readable.from(lines(audit.records.each(inUtc(query))))
    },
  })
}

async function* lines(pages: AsyncIterable<readonly AuditRecord[]>): AsyncGenerator<string> {
  for await (const page of pages) yield page.map(record => `${JSON.stringify(record)}\n`).join('')
}

function verify({ audit }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/audit:verify',
    summary: 'Read the whole audit, and say whether each record still follows from the one before.',
    description:
      'Who can write to the files of the broker can also make a whole new chain. Keep `lastSequence` and `lastHash` elsewhere - the log tells them at each start - and compare them with the record of that number later.',
    tag: 'Audit',
    role: 'admin',
    cost: 60,
    response: { 200: auditVerificationSchema },
    example: {
      200: {
        intact: true,
        records: 4_711,
        firstSequence: 1,
        lastSequence: 4_711,
        lastHash: example.hash,
        brokenAt: null,
        why: null,
      },
    },
    problems: [],
    handle: () => audit.records.verify(),
  })
}

/** As the records have it: text is compared. */
function inUtc<Given extends AuditSearch>(given: Given): Given {
  const { from, to } = given
  return {
    ...given,
    ...(from === undefined ? {} : { from: new Date(millisOf(from, '/query/from')).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(millisOf(to, '/query/to')).toISOString() }),
  }
}
