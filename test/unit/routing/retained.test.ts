// Retained messages: one a topic, found by filter as a naive matcher finds them, gone when their time has come.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '../../../server/protocol/message.ts'
import { RetainedMessages } from '../../../server/routing/retained.ts'
import { TimerWheel } from '../../../server/session/timer-wheel.ts'
import { fuzz } from '../../fuzz/seeded-random.ts'
import { FakeClock, messageOn, topicOf } from './messages.ts'
import { matchesNaively, randomTopicFilter, randomTopicName } from './naive-matcher.ts'

function setUp(limits = { messagesMax: 1_000_000, bytesMax: 1_000_000_000 }) {
  const clock = new FakeClock()
  const wheel = new TimerWheel(clock)
  const expired: string[] = []
  const retained = new RetainedMessages(limits, clock, wheel, topic => expired.push(topic.name))
  const pass = (ms: number): void => {
    clock.ms += ms
    wheel.advance()
  }
  return { clock, retained, expired, pass }
}

function namesOf(messages: readonly Message[]): string[] {
  return messages.map(message => message.topic.name).toSorted()
}

test('keeps one message a topic, the last one [MQTT5-3.3.1-5]', () => {
  const { retained } = setUp()
  retained.set(messageOn('a', { payload: 'first' }))
  retained.set(messageOn('a', { payload: 'second' }))
  retained.set(messageOn('a/b'))
  const [only, ...others] = retained.match('a')
  assert.equal(only?.payload.toString(), 'second')
  assert.deepEqual(others, [])
  assert.deepEqual([retained.messages, retained.bytes], [2, 'asecond'.length + 'a/bpayload'.length])
})

test('clears a topic and leaves those above and below it', () => {
  const { retained } = setUp()
  for (const name of ['a', 'a/b', 'a/b/c', 'a/b/d']) retained.set(messageOn(name))
  retained.clear(topicOf('a/b'))
  assert.deepEqual(namesOf(retained.match('#')), ['a', 'a/b/c', 'a/b/d'])
  retained.clear(topicOf('a/b'))
  retained.clear(topicOf('a/b/c/e'))
  retained.clear(topicOf('x'))
  retained.clear(topicOf('a/b/c'))
  assert.deepEqual(namesOf(retained.match('#')), ['a', 'a/b/d'])
  retained.clear(topicOf('a'))
  retained.clear(topicOf('a/b/d'))
  assert.deepEqual([retained.messages, retained.bytes], [0, 0])
})

test('says whether a message would fit, counting what it replaces', () => {
  const { retained } = setUp({ messagesMax: 2, bytesMax: 20 })
  assert.ok(retained.fits(messageOn('a', { payload: 'x'.repeat(19) })))
  assert.ok(!retained.fits(messageOn('a', { payload: 'x'.repeat(20) })))
  retained.set(messageOn('a', { payload: 'x'.repeat(9) }))
  retained.set(messageOn('b', { payload: 'x' }))
  assert.ok(!retained.fits(messageOn('c', { payload: '' })))
  assert.ok(retained.fits(messageOn('a', { payload: 'x'.repeat(17) })))
  assert.ok(!retained.fits(messageOn('a', { payload: 'x'.repeat(18) })))
})

test('drops a message when its time has come, tells once, and shows none whose time has come before that', () => {
  const { clock, retained, expired, pass } = setUp()
  retained.set(messageOn('soon', { expiresAt: clock.ms + 1_000 }))
  retained.set(messageOn('later', { expiresAt: clock.ms + 10_000 }))
  retained.set(messageOn('never'))
  pass(900)
  assert.deepEqual(namesOf(retained.match('#')), ['later', 'never', 'soon'])
  clock.ms += 100
  assert.deepEqual(namesOf(retained.match('+')), ['later', 'never'])
  pass(200)
  assert.deepEqual(expired, ['soon'])
  assert.equal(retained.messages, 2)
  pass(20_000)
  assert.deepEqual(expired, ['soon', 'later'])
  assert.deepEqual(namesOf(retained.match('#')), ['never'])
})

test('forgets the expiry of a message that was replaced or cleared', () => {
  const { clock, retained, expired, pass } = setUp()
  retained.set(messageOn('replaced', { expiresAt: clock.ms + 1_000 }))
  retained.set(messageOn('replaced'))
  retained.set(messageOn('cleared', { expiresAt: clock.ms + 1_000 }))
  retained.clear(topicOf('cleared'))
  retained.set(messageOn('cleared'))
  retained.set(messageOn('moved', { expiresAt: clock.ms + 1_000 }))
  retained.set(messageOn('moved', { expiresAt: clock.ms + 5_000 }))
  pass(3_000)
  assert.deepEqual(expired, [])
  assert.deepEqual(namesOf(retained.match('#')), ['cleared', 'moved', 'replaced'])
  pass(3_000)
  assert.deepEqual(expired, ['moved'])
})

{
  const { clock, retained, pass } = setUp()
  const held = new Map<string, Message>()
  fuzz('finds what a naive matcher finds, whatever was set, cleared or expired before', random => {
    for (let count = 0; count < 3; count++) {
      const name = randomTopicName(random)
      if (random.once(3)) {
        retained.clear(topicOf(name))
        held.delete(name)
        continue
      }
      const expiresAt = random.once(2) ? clock.ms + random.below(5_000) : Number.POSITIVE_INFINITY
      const message = messageOn(name, { expiresAt, payload: String(random.below(1_000)) })
      retained.set(message)
      held.set(name, message)
    }
    pass(random.below(100))
    for (const [name, message] of held) if (message.expiresAt <= clock.ms) held.delete(name)
    const filter = randomTopicFilter(random)
    const expected = [...held.values()].filter(message => matchesNaively(filter, message.topic.name))
    assert.deepEqual(new Set(retained.match(filter)), new Set(expected), filter)
    assert.equal(retained.match(filter).length, expected.length, filter)
    assert.deepEqual([...retained.each(filter)], retained.match(filter), filter)
    if (!random.once(50)) return
    pass(10_000)
    for (const [name, message] of held) if (message.expiresAt <= clock.ms) held.delete(name)
    assert.equal(retained.messages, held.size)
  })
}
