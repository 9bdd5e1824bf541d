// The shapes of the Lab's runs and results, as the admin API shows them.

import Type, { type Static } from 'typebox'
import { timelineEntrySchema } from './history.ts'
import { labChecks, labVerdicts } from './lab-expected.ts'
import { labFactsSchema } from './lab-facts.ts'
import { LAB_MESSAGES_MAX, LAB_PACKETS_MAX, type LabQos, labTests } from './lab-tests.ts'
import { closed, count, orNull, time } from './shapes.ts'

export const LAB_TIMELINE_MAX = 200
const TEXT_MAX = 1_000

export const labTestSchema = Type.Enum(labTests.map(test => test.id) as [string, ...string[]])
const checkSchema = Type.Enum(Object.keys(labChecks) as (keyof typeof labChecks)[])
const qosSchema = Type.Unsafe<LabQos>(Type.Integer({ minimum: 0, maximum: 2 }))

const labParamsSchema = Type.Object(
  {
    publishQos: qosSchema,
    subscribeQos: qosSchema,
    clean: Type.Boolean(),
    retain: Type.Boolean(),
    messages: Type.Integer({ minimum: 0, maximum: LAB_MESSAGES_MAX }),
  },
  closed,
)

const labFindingSchema = Type.Object(
  { check: checkSchema, value: Type.String({ maxLength: TEXT_MAX }) },
  closed,
)
const findingsSchema = Type.Array(labFindingSchema, { maxItems: 20 })

/** Who it is that talks to the broker. */
const labRoles = ['subscriber', 'publisher', 'second'] as const

const labPacketSchema = Type.Object(
  {
    /** Milliseconds since the test began. */
    ms: Type.Number({ minimum: 0 }),
    /** During which step of the test. */
    step: Type.String({ maxLength: 100 }),
    who: Type.Enum(labRoles),
    to: Type.Enum(['broker', 'client']),
    /** Its name, as in `PUBLISH`, or what happened instead. */
    name: Type.String({ maxLength: 40 }),
    words: Type.String({ maxLength: 200 }),
    /** Packets that are left out here. */
    omitted: Type.Optional(count),
  },
  closed,
)

/** What a browser saw of one test. */
export const labReportSchema = Type.Object(
  {
    test: labTestSchema,
    params: labParamsSchema,
    observed: findingsSchema,
    /** Why the test did not come to its end; null when it did. */
    problem: orNull(Type.String({ maxLength: TEXT_MAX })),
    ms: Type.Number({ minimum: 0 }),
    packets: Type.Array(labPacketSchema, { maxItems: LAB_PACKETS_MAX }),
  },
  closed,
)

const summary = {
  test: labTestSchema,
  params: labParamsSchema,
  /** `broken`: it did not come to its end. */
  verdict: Type.Enum(labVerdicts),
  /** The first check that is not as expected. */
  difference: orNull(checkSchema),
  expected: findingsSchema,
  observed: findingsSchema,
  problem: orNull(Type.String()),
  ms: Type.Number({ minimum: 0 }),
  at: time,
  by: Type.String(),
}

const labSummarySchema = Type.Object(summary, closed)

export const labResultSchema = Type.Object(
  {
    ...summary,
    packets: Type.Array(labPacketSchema),
    /** What the broker remembers of the clients of this test, the oldest first. */
    timeline: Type.Array(timelineEntrySchema),
  },
  closed,
)

export const labSchema = Type.Object(
  {
    facts: labFactsSchema,
    /** The last result of each test that was run here. */
    results: Type.Array(labSummarySchema),
  },
  closed,
)

export const labRunSchema = Type.Object(
  {
    id: Type.String(),
    clientIdPrefix: Type.String({
      description: 'The client ids of a test are this, its name, and `/sub` or `/pub`.',
    }),
    topicPrefix: Type.String({ description: 'The topic of a test is this and its name.' }),
    tests: Type.Array(labTestSchema),
    startedAt: time,
    expiresAt: Type.String({
      format: 'date-time',
      description: 'Then everything of it is taken away, whatever has become of the browser.',
    }),
    by: Type.String(),
  },
  closed,
)

export const labEndSchema = Type.Object(
  {
    results: Type.Array(labResultSchema),
    /** What the clean-up has taken away. */
    cleaned: Type.Object({ sessions: count, retained: count }, closed),
  },
  closed,
)

export type LabPacket = Static<typeof labPacketSchema>
export type LabReport = Static<typeof labReportSchema>
export type LabSummary = Static<typeof labSummarySchema>
export type LabResult = Static<typeof labResultSchema>
export type Lab = Static<typeof labSchema>
export type LabRun = Static<typeof labRunSchema>
export type LabEnd = Static<typeof labEndSchema>
export type LabRole = (typeof labRoles)[number]
