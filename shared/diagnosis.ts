// The shape of a diagnosis: what is the matter with a session, for programs and in one sentence for people.

import Type, { type Static } from 'typebox'

/** In the order in which they make the headline, among those of one severity. */
export const diagnosisCodes = [
  'held',
  'takeover-conflict',
  'expiry-overdue',
  'queue-full',
  'head-unacknowledged',
  'window-full',
  'exchange-unfinished',
  'release-missing',
  'abandoned',
  'online-healthy',
  'queue-filling',
  'expires-soon',
  'too-large',
  'ended-badly',
  'qos0-subscription',
  'no-subscriptions',
  'clean-session',
  'never-connected',
  'never-expires',
  'offline',
  'queue-waiting',
  'queue-empty',
  'messages-lost',
  'expires',
] as const

/** Most harmful first. */
export const severities = ['problem', 'warning', 'information'] as const

/** What an operator can do about it, in the order of what it costs the client. */
export const diagnosisActions = [
  'release-hold',
  'disconnect',
  'hold',
  'set-expiry',
  'add-subscription',
  'remove-message',
  'clear-queue',
  'expire',
  'clean',
] as const

const findingSchema = Type.Object(
  {
    code: Type.Enum(diagnosisCodes),
    severity: Type.Enum(severities),
    /** A sentence of its own. */
    text: Type.String(),
    /** The numbers and names in it; times are ISO 8601. */
    data: Type.Record(Type.String(), Type.Unknown()),
  },
  { additionalProperties: false },
)

export const diagnosisSchema = Type.Object(
  {
    /** The code of the finding that matters most. */
    headline: Type.Enum(diagnosisCodes),
    severity: Type.Enum(severities),
    sentence: Type.String(),
    facts: Type.Array(findingSchema),
    actions: Type.Array(Type.Enum(diagnosisActions)),
  },
  { additionalProperties: false },
)

export type DiagnosisCode = (typeof diagnosisCodes)[number]
export type Severity = (typeof severities)[number]
export type DiagnosisAction = (typeof diagnosisActions)[number]
export type Diagnosis = Static<typeof diagnosisSchema>
