// What GET /start.json tells of the broker: enough for a client to connect to it, and nothing secret.

import Type, { type Static } from 'typebox'

export const startFactsSchema = Type.Object(
  {
    version: Type.String(),
    /** What its operator calls it, and what it is for; null where nothing was said. */
    name: Type.Union([Type.String(), Type.Null()]),
    environment: Type.Union([Type.String(), Type.Null()]),
    /** The address that the listeners are bound to. */
    host: Type.String(),
    /** Null while there is no TCP listener. */
    mqttPort: Type.Union([Type.Integer({ minimum: 1, maximum: 65_535 }), Type.Null()]),
    websocketPath: Type.String({ pattern: '^/' }),
    /** Where MQTT over WebSocket is: on the port of the page that asks, on another one of the same host, or nowhere. */
    websocketPort: Type.Union([
      Type.Literal('here'),
      Type.Integer({ minimum: 1, maximum: 65_535 }),
      Type.Null(),
    ]),
    /** The console and the admin API are on the port of the page that asks. */
    console: Type.Boolean(),
    /** Where sessions are kept: in the data directory, or in memory only. */
    store: Type.Union([Type.Literal('embedded'), Type.Literal('memory')]),
    /** What an acknowledgement waits for with the embedded store: the disk, the operating system, nothing. */
    durability: Type.Union([Type.Literal('sync'), Type.Literal('os'), Type.Literal('memory')]),
    /** For 3.x clients with clean session off; null means for ever. */
    sessionExpirySeconds: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
    /** For one session. */
    queueMessagesMax: Type.Integer({ minimum: 0 }),
    queueBytesMax: Type.Integer({ minimum: 0 }),
    queueOverflow: Type.Union([
      Type.Literal('drop-oldest'),
      Type.Literal('drop-newest'),
      Type.Literal('reject'),
    ]),
    queueQos0: Type.Boolean(),
  },
  { additionalProperties: false },
)

export type StartFacts = Static<typeof startFactsSchema>
