// What overlapping subscriptions of one session amount to: one copy, with the most of each.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeSubscriptions, Subscription } from '../../../server/session/subscription.ts'
import type { StoredSubscription } from '../../../server/store/store.ts'
import { type Stage, stage } from './stage.ts'

function subscription(made: Stage, fields: Partial<StoredSubscription>): Subscription {
  return new Subscription(made.session, {
    topicFilter: 't',
    qos: 0,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
    subscriptionIdentifier: 0,
    ...fields,
  })
}

async function merged(...all: readonly Partial<StoredSubscription>[]) {
  const made = await stage()
  return mergeSubscriptions(all.map(fields => subscription(made, fields)))
}

test('the copy has the highest QoS [MQTT5-3.3.4-2]', async () => {
  assert.equal((await merged({ qos: 1 }, { qos: 2 }, { qos: 0 })).qos, 2)
})

test('the copy has the identifiers of all that have one [MQTT5-3.3.4-3] [MQTT5-3.3.4-4]', async () => {
  const delivery = await merged({ subscriptionIdentifier: 5 }, {}, { subscriptionIdentifier: 9 })
  assert.deepEqual(delivery.subscriptionIdentifiers, [5, 9])
  assert.equal((await merged({}, {})).subscriptionIdentifiers, undefined)
})

test('the copy keeps RETAIN when one of them asks for it', async () => {
  assert.equal((await merged({}, { retainAsPublished: true })).retainAsPublished, true)
  assert.equal((await merged({}, {})).retainAsPublished, false)
})

test('of its own messages a session gets what the subscriptions without No Local give [MQTT5-3.8.3-3]', async () => {
  const delivery = await merged(
    { qos: 2, noLocal: true, subscriptionIdentifier: 1, retainAsPublished: true },
    { qos: 1, subscriptionIdentifier: 2 },
  )
  assert.equal(delivery.qos, 2)
  assert.deepEqual(delivery.subscriptionIdentifiers, [1, 2])
  assert.equal(delivery.ofOwn?.qos, 1)
  assert.deepEqual(delivery.ofOwn.subscriptionIdentifiers, [2])
  assert.equal(delivery.ofOwn.retainAsPublished, false)
})

test('of its own messages a session gets nothing when all say No Local [MQTT5-3.8.3-3]', async () => {
  assert.equal((await merged({ noLocal: true }, { noLocal: true })).ofOwn, undefined)
  const made = await stage()
  assert.equal(subscription(made, { noLocal: true }).ofOwn, undefined)
  const open = subscription(made, {})
  assert.equal(open.ofOwn, open)
})

test('a subscription knows whether it is shared, and has an identifier only when it was given one', async () => {
  const made = await stage()
  assert.equal(subscription(made, { topicFilter: '$share/g/t' }).sharedFilter, '$share/g/t')
  assert.equal(subscription(made, { topicFilter: '$shared/g/t' }).sharedFilter, undefined)
  assert.equal(subscription(made, {}).subscriptionIdentifiers, undefined)
  assert.deepEqual(subscription(made, { subscriptionIdentifier: 3 }).subscriptionIdentifiers, [3])
})
