import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MessageLost } from '../../../../server/events.ts'
import { Topic } from '../../../../server/protocol/topic.ts'
import { noteLosses } from '../../../../server/read-model/history/episodes.ts'
import {
  EPISODE_MS,
  EPISODE_PAUSE_MS,
  LAST_SAMPLES_MAX,
  LOOK_BYTES_MAX,
  LOOKS_PER_MINUTE,
  SAMPLES_FIRST,
  SAMPLES_LAST,
  SAMPLES_PER_MINUTE,
} from '../../../../server/read-model/history/limits.ts'
import { type Look, LossCount, Losses } from '../../../../server/read-model/history/losses.ts'
import { Timeline } from '../../../../server/read-model/history/timeline.ts'

const MINUTE = 60_000
const START = 30_000_000 * MINUTE
const noLook = async (): Promise<undefined> => undefined
const SESSION = { generation: 'g', isKept: true }

function lost(at: number, change: Partial<MessageLost> = {}): MessageLost {
  return {
    kind: 'message-lost',
    at: START + at,
    clientId: 'a',
    reason: 'queue-full',
    topic: 'orders/1',
    publisher: 'shop',
    qos: 1,
    size: 100,
    seq: undefined,
    ...change,
  }
}

test('messages are counted for each session and reason; what operators took away is not held against it', () => {
  const losses = new Losses(noLook)
  losses.learn(lost(0))
  losses.learn(lost(1, { size: undefined, topic: undefined }))
  losses.learn(lost(2, { reason: 'expired' }))
  losses.learn(lost(3, { reason: 'removed' }))
  losses.learn(lost(4, { clientId: 'b' }))
  const found = losses.find('a')!
  assert.deepEqual(
    found.counts.map(({ reason, count, bytes, lastAt }) => [reason, count, bytes, lastAt - START]),
    [
      ['queue-full', 2, 100, 1],
      ['expired', 1, 100, 2],
      ['removed', 1, 100, 3],
    ],
  )
  assert.equal(found.dropped, 3)
})

test('of each minute the first and the last are remembered one by one', () => {
  const losses = new Losses(noLook)
  for (let index = 0; index < 1000; index++) losses.learn(lost(index, { topic: `t/${index}` }))
  const first = losses.takeSamples(100, START + 1000)
  assert.deepEqual(
    first.map(one => one.topic),
    ['t/0', 't/1', 't/2', 't/3'],
  )
  const last = losses.takeSamples(100, START + MINUTE)
  assert.deepEqual(
    last.map(one => one.topic),
    ['t/996', 't/997', 't/998', 't/999'],
  )
  losses.learn(lost(MINUTE))
  assert.equal(losses.takeSamples(100, START + MINUTE + 1).length, 1, 'a new minute begins anew')
})

test('a flood of one session goes on for minutes without a list that grows', () => {
  const losses = new Losses(noLook)
  let samples = 0
  for (let index = 0; index < 60_000; index++) {
    losses.learn(lost(index * 10))
    if (index % 100 === 99) samples += losses.takeSamples(1000, START + index * 10).length
  }
  losses.releaseAll()
  samples += losses.takeSamples(1000, START).length
  assert.equal(samples, 10 * (SAMPLES_FIRST + SAMPLES_LAST))
})

test('a fan-out to many sessions has its ceiling of samples a minute, and counts all', () => {
  const losses = new Losses(noLook)
  const sessions = SAMPLES_PER_MINUTE * 2
  for (let round = 0; round < 6; round++) {
    for (let index = 0; index < sessions; index++) losses.learn(lost(round, { clientId: `c-${index}` }))
  }
  const samples = losses.takeSamples(1_000_000, START + MINUTE)
  assert.equal(samples.length, SAMPLES_PER_MINUTE + LAST_SAMPLES_MAX * 2)
  assert.equal(losses.dirty, sessions)
  assert.equal(losses.find(`c-${sessions - 1}`)!.dropped, 6)
})

test('an operator is blamed for what went with the act, and for nothing else', () => {
  const losses = new Losses(noLook)
  losses.learn(lost(0))
  for (let index = 0; index < 20; index++) losses.learn(lost(5000 + index, { reason: 'session-cleaned' }))
  losses.blame('a', 'ana', START + 5030)
  losses.releaseAll()
  const samples = losses.takeSamples(100, START + 6000)
  assert.deepEqual(
    samples.map(one => [one.reason, one.actor]),
    [['queue-full', undefined], ...Array(8).fill(['session-cleaned', 'ana'])],
  )
})

test('what an earlier process counted is added to, and is no news for the timeline', () => {
  const losses = new Losses(noLook)
  losses.learn(lost(0))
  losses.restore('a', new LossCount('queue-full', 41, 4100, START - 1))
  losses.restore('a', new LossCount('expired', 5, 500, START - 1))
  assert.equal(losses.find('a')!.dropped, 47)
  const timeline = new Timeline()
  noteLosses(timeline, losses.find('a')!, SESSION)
  assert.deepEqual(
    timeline.take(10).map(row => [row.count, row.data]),
    [[1, { cause: 'queue-full', bytes: 100 }]],
  )
})

test('losses that go on are one row that grows; a pause or a long time begins another', () => {
  const losses = new Losses(noLook)
  const timeline = new Timeline()
  const loseAt = (at: number): readonly [id: number, count: number][] => {
    losses.learn(lost(at))
    losses.learn(lost(at))
    noteLosses(timeline, losses.find('a')!, SESSION)
    return timeline.take(10).map(row => [row.id, row.count])
  }
  assert.deepEqual(loseAt(0), [
    [1, 1],
    [1, 2],
  ])
  assert.deepEqual(loseAt(1000), [[1, 4]])
  assert.deepEqual(loseAt(1000 + EPISODE_PAUSE_MS - 1), [[1, 6]])
  const later = 1000 + 2 * EPISODE_PAUSE_MS
  assert.deepEqual(loseAt(later).at(-1), [2, 2])
  let rows = 0
  for (let at = later; at < later + 3 * EPISODE_MS; at += MINUTE) rows = loseAt(at).at(-1)![0]
  assert.equal(rows, 4)
})

test('the end of a session has a row of its own and makes none of losses', () => {
  const losses = new Losses(noLook)
  const timeline = new Timeline()
  losses.learn(lost(0, { reason: 'session-ended' }))
  noteLosses(timeline, losses.find('a')!, SESSION)
  assert.equal(timeline.pending, 0)
  losses.forget('a')
  assert.equal(losses.find('a'), undefined)
  losses.learn(lost(1))
  assert.equal(losses.find('a')!.dropped, 1)
})

/** Answers when the test says so. */
function slowLook(): { look: Look; asked: number[]; answer: (seq: number, topic: string) => Promise<void> } {
  const asked: number[] = []
  const answers = new Map<number, (found: Awaited<ReturnType<Look>>) => void>()
  return {
    asked,
    look: seq => {
      asked.push(seq)
      return new Promise(resolve => answers.set(seq, resolve))
    },
    answer: async (seq, topic) => {
      answers.get(seq)!({ topic: new Topic(topic, Buffer.from(topic), 0), publisher: 'shop' })
      await Promise.resolve()
      await Promise.resolve()
    },
  }
}

test('what lies on the disk alone is looked up while it is there, the first of a minute', async () => {
  const { look, asked, answer } = slowLook()
  const losses = new Losses(look)
  const unread = { topic: undefined, publisher: undefined }
  for (let seq = 1; seq <= 10; seq++) losses.learn(lost(seq, { ...unread, seq }))
  assert.deepEqual(asked, [1, 2, 3, 4])
  assert.deepEqual(losses.takeSamples(100, START + 20), [], 'it can wait for an answer')
  await answer(1, 'orders/1')
  await answer(3, 'orders/3')
  const named = losses.takeSamples(100, START + 20)
  assert.deepEqual(
    named.map(one => [one.topic, one.publisher]),
    [['orders/1', 'shop']],
  )
  const late = losses.takeSamples(100, START + 3000)
  assert.deepEqual(
    late.map(one => one.topic),
    [undefined, 'orders/3', undefined],
    'but not for ever',
  )
})

test('at the end nobody waits for what is being read', () => {
  const losses = new Losses(slowLook().look)
  losses.learn(lost(0, { topic: undefined, seq: 1 }))
  losses.releaseAll()
  assert.equal(losses.takeSamples(100, START + 1).length, 1)
})

test('large messages, and more than some thousand a minute, are not read for that', () => {
  const { look, asked } = slowLook()
  const losses = new Losses(look)
  losses.learn(lost(0, { topic: undefined, seq: 1, size: LOOK_BYTES_MAX + 1 }))
  for (let index = 0; index < LOOKS_PER_MINUTE + 10; index++) {
    losses.learn(lost(1, { clientId: `c-${index}`, topic: undefined, seq: index }))
  }
  assert.equal(asked.length, LOOKS_PER_MINUTE)
  losses.learn(lost(MINUTE, { topic: undefined, seq: 1 }))
  assert.equal(asked.length, LOOKS_PER_MINUTE + 1)
})
