// Many sessions that are away, put there as if they had been read back from the disk: clients for so many would take minutes.

import assert from 'node:assert/strict'
import { addSubscription } from '../../server/broker/operations/subscription.ts'
import type { BrokerParts } from '../../server/broker/parts.ts'
import { takeUp } from '../../server/broker/recover.ts'

const HOUR_MS = 3_600_000

export interface Filling {
  readonly count: number
  /** So many of them, the first ones, subscribe to `to/all` at QoS 1. */
  readonly subscribed: number
  readonly clientIdOf: (index: number) => string
}

export async function fillWithSessions(
  parts: BrokerParts,
  { count, subscribed, clientIdOf }: Filling,
): Promise<void> {
  const now = parts.clock.now()
  for (let index = 0; index < count; index++) {
    const clientId = clientIdOf(index)
    const { lease, record } = await parts.durable.attach({
      ...{ clientId, owner: '', now, existing: 'resume', version: 1, connection: undefined, will: undefined },
      limits: { messagesMax: 1_000, bytesMax: 1_000_000, overflow: 'drop-oldest' },
      ...{ expirySeconds: HOUR_MS / 1_000, expirySource: 'policy', expiryPinned: false },
    })
    const offline = { ...record, disconnectedAt: now, expiresAt: now + HOUR_MS }
    parts.touch(takeUp(parts, { lease, record: offline, sending: [], receiving: [] }))
    if (index < subscribed) await subscribeToAll(parts, clientId)
  }
}

async function subscribeToAll(parts: BrokerParts, clientId: string): Promise<void> {
  const asked = { topicFilter: 'to/all', qos: 1, noLocal: false } as const
  const subscription = { ...asked, retainAsPublished: false, retainHandling: 0 } as const
  const by = { actor: 'test', reason: undefined }
  const target = { clientId, expected: undefined, by, subscription, subscriptionIdentifier: undefined }
  assert.equal((await addSubscription(parts, target)).at, 'added')
}
