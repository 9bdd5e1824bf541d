// The torture's bookkeeping finds each kind of fault that it is there to find, and nothing else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Account, Ledger, type Stream } from './torture/ledger.ts'

interface Books {
  readonly ledger: Ledger
  readonly stream: Stream
  readonly account: Account
  send(): Buffer
}

/** One publisher with one topic, one subscriber who is owed all of it; each message is acknowledged at once. */
function books(qos: 1 | 2 = 2): Books {
  const ledger = new Ledger()
  const stream = ledger.stream('t/a/b', qos)
  const account = ledger.account('subscriber', qos, true)
  ledger.subscribe(account, 't/+/b')
  const send = (): Buffer => {
    const { counter, payload } = ledger.send(stream, 10)
    ledger.acknowledge(stream, counter)
    return payload
  }
  return { ledger, stream, account, send }
}

const clean = { lost: 0, lostMessages: 0, qos2Duplicates: 0, orderViolations: 0, repeated: 0, damaged: 0 }

function faultsIn(ledger: Ledger): typeof clean {
  const { lost, lostMessages, qos2Duplicates, orderViolations, repeated, damaged } = ledger.settle()
  return { lost, lostMessages, qos2Duplicates, orderViolations, repeated, damaged }
}

test('finds nothing where all messages arrive once and in order', () => {
  const { ledger, account, send } = books()
  for (const payload of [send(), send(), send()]) ledger.deliver(account, 't/a/b', payload)
  assert.deepEqual(faultsIn(ledger), clean)
})

test('finds messages that were acknowledged and did not arrive', () => {
  const { ledger, account, send } = books()
  send()
  ledger.deliver(account, 't/a/b', send())
  assert.deepEqual(faultsIn(ledger), { ...clean, lost: 1, lostMessages: 1 })
})

test('holds nobody to messages that were not acknowledged, or sent before the subscription', () => {
  const { ledger, stream, send } = books()
  ledger.send(stream, 0)
  const late = ledger.account('late', 2, true)
  ledger.subscribe(late, '#')
  assert.deepEqual(faultsIn(ledger), clean)
  send()
  assert.equal(faultsIn(ledger).lost, 2)
})

test('finds QoS 2 messages that arrive twice, and allows it at QoS 1', () => {
  const exactlyOnce = books(2)
  const payload = exactlyOnce.send()
  for (const _ of [1, 2]) exactlyOnce.ledger.deliver(exactlyOnce.account, 't/a/b', payload)
  assert.deepEqual(faultsIn(exactlyOnce.ledger), { ...clean, qos2Duplicates: 1 })

  const atLeastOnce = books(1)
  const again = atLeastOnce.send()
  for (const _ of [1, 2]) atLeastOnce.ledger.deliver(atLeastOnce.account, 't/a/b', again)
  assert.deepEqual(faultsIn(atLeastOnce.ledger), { ...clean, repeated: 1 })
})

test('finds messages that arrive for the first time after a later one', () => {
  const { ledger, account, send } = books()
  const [first, second] = [send(), send()]
  ledger.deliver(account, 't/a/b', second)
  ledger.deliver(account, 't/a/b', first)
  assert.deepEqual(faultsIn(ledger), { ...clean, orderViolations: 1 })
})

test('finds messages that nobody published, or not like that', () => {
  const { ledger, account, send } = books()
  const payload = send()
  ledger.deliver(account, 't/a/b', payload)
  ledger.deliver(account, 't/other/b', payload)
  ledger.deliver(account, 't/a/b', payload.subarray(0, -1))
  ledger.deliver(account, 't/a/b', Buffer.from('0 99 0 '))
  assert.deepEqual(faultsIn(ledger), { ...clean, damaged: 3 })
})
