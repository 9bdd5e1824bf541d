// When a session counts as stuck: four causes, each with a bound that an operator can change.

import Type, { type Static } from 'typebox'

export const stuckCauses = [
  'offline-queue-full',
  'inflight-unmoved',
  'expiry-overdue',
  'offline-without-expiry',
] as const
export type StuckCause = (typeof stuckCauses)[number]

const milliseconds = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

export const stuckRuleSchema = Type.Object(
  {
    /** Away for this long, with this much of the queue in use: `offline-queue-full`. */
    offlineMs: milliseconds,
    fullPercent: Type.Number({ minimum: 0, maximum: 100 }),
    /** Connected, and for this long no acknowledgement of the oldest message in flight: `inflight-unmoved`. */
    inflightUnmovedMs: milliseconds,
    /** Past its expiry by this much and still there: `expiry-overdue`. */
    expiryOverdueMs: milliseconds,
    /** Away for this long and never to expire: `offline-without-expiry`. */
    offlineWithoutExpiryMs: milliseconds,
  },
  { additionalProperties: false },
)

export type StuckRule = Static<typeof stuckRuleSchema>

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

export const defaultStuckRule: StuckRule = {
  offlineMs: DAY_MS,
  fullPercent: 90,
  inflightUnmovedMs: 15 * MINUTE_MS,
  // Deadlines are looked at ten times a second; what is a few seconds late is only late.
  expiryOverdueMs: 10_000,
  offlineWithoutExpiryMs: 30 * DAY_MS,
}
