// The shape of GET /broker: which broker this is, since when, where it listens and how it is set.

import Type, { type Static } from 'typebox'

const closed = { additionalProperties: false } as const

export const brokerFactsSchema = Type.Object(
  {
    version: Type.String(),
    startedAt: Type.String({ format: 'date-time' }),
    uptimeSeconds: Type.Integer({ minimum: 0 }),
    listeners: Type.Array(
      Type.Object(
        {
          listener: Type.String({ description: '`tcp`, `http`, `admin`.' }),
          url: Type.String(),
          mqttUrl: Type.Optional(Type.String()),
        },
        closed,
      ),
    ),
    sessions: Type.Integer({ minimum: 0 }),
    /** Why the store takes no messages at the moment; null while it does. */
    storeProblem: Type.Union([Type.String(), Type.Null()]),
    configuration: Type.Object(
      {
        digest: Type.String({ description: 'The same for two brokers that are set alike.' }),
        /** What is not as Holdfast comes, as an operator would write it. */
        changed: Type.Array(Type.Object({ name: Type.String(), value: Type.String() }, closed)),
      },
      closed,
    ),
  },
  closed,
)

export type BrokerFacts = Static<typeof brokerFactsSchema>
