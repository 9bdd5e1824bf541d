// How the routes of one session name it, and examples that several of them show.

import Type from 'typebox'
import { FILTER_LENGTH_MAX } from '../../../shared/filter-grammar.ts'
import type { SessionAct } from '../../../shared/session-act.ts'
import type { SessionSummary } from '../../../shared/session-summary.ts'

export const SESSIONS_TAG = 'Sessions'
export const QUEUE_TAG = 'Queue of a session'

const clientId = Type.String({
  minLength: 1,
  description: 'Percent-encoded; one that begins with `.` or `~` has another `~` in front.',
})

export const sessionParams = Type.Object({ clientId }, { additionalProperties: false })

export const messageParams = Type.Object(
  {
    clientId,
    seq: Type.Integer({ minimum: 1, description: 'As the queue lists it.' }),
  },
  { additionalProperties: false },
)

export const subscriptionParams = Type.Object(
  {
    clientId,
    topicFilter: Type.String({
      minLength: 1,
      description: 'Percent-encoded as client ids are, `$share/group/` included.',
    }),
  },
  { additionalProperties: false },
)

export const filterSchema = Type.String({
  default: '',
  maxLength: FILTER_LENGTH_MAX,
  description:
    'As in `id:web-* state:offline queued>=100`; docs/FILTERS.md has all keys. Empty: every session.',
})

export const summaryExample: SessionSummary = {
  clientId: 'web-kiosk-11',
  owner: '',
  generation: '01JDXAMPE0000000000000000K',
  version: 412,
  state: 'stuck',
  stuck: 'offline-queue-full',
  connected: false,
  clean: false,
  protocol: 4,
  queued: {
    count: 1_000,
    bytes: 4_194_304,
    limit: 1_000,
    bytesLimit: 16_777_216,
    full: 1,
    overflow: 'drop-oldest',
    dropped: 7_712,
  },
  inflight: { out: 0, outLimit: null, awaitingPubrel: 0, oldestAt: null },
  subscriptions: 2,
  expiry: { at: '2026-11-28T12:00:00.000Z', intervalSeconds: 604_800, source: 'policy', pinned: false },
  createdAt: '2026-10-21T08:59:10.000Z',
  connectedAt: null,
  lastSeenAt: '2026-11-21T12:00:00.000Z',
  remote: {
    ip: '10.2.3.4',
    port: 51_234,
    transport: 'websocket',
    origin: 'https://app.example',
    userAgent: 'Mozilla/5.0',
    path: '/mqtt',
  },
  hold: null,
}

export const actExample: SessionAct = {
  result: 'cleaned',
  sentence:
    'Cleaned "web-kiosk-11"; 1,000 messages (4 MiB) and 2 subscriptions went with it; it can be restored until 21 Nov 2026 12:18 UTC.',
  session: null,
  tombstone: { id: 'op_01JDXAMPE0000000000000003P-0', undoUntil: '2026-11-21T12:18:00.000Z' },
  operation: 'op_01JDXAMPE0000000000000003P',
  will: 'none',
  messages: 1_000,
  bytes: 4_194_304,
  hold: null,
  notOnDisk: null,
}

/** The answer of an act that takes nothing away. */
export function keptExample(result: SessionAct['result'], sentence: string): SessionAct {
  return {
    ...actExample,
    result,
    sentence,
    session: summaryExample,
    tombstone: null,
    will: null,
    messages: 0,
    bytes: 0,
  }
}
