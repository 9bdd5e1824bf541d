// Something that is fetched again and again: what stays, what counts, and when waiting begins to show.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Knowledge, Loading, stateOf } from '../../../dashboard/app/load-state.ts'

const SLOW_MS = 20

interface Asked {
  readonly signal: AbortSignal
  readonly answer: PromiseWithResolvers<string>
}

function loading() {
  const asked: Asked[] = []
  const told: Knowledge<string>[] = []
  const fetch = (signal: AbortSignal): Promise<string> => {
    const answer = Promise.withResolvers<string>()
    asked.push({ signal, answer })
    return answer.promise
  }
  const loading = new Loading(fetch, knowledge => told.push(knowledge), SLOW_MS)
  return { loading, asked, told, last: () => told.at(-1)! }
}

test('an answer is there, and stays while the next one is fetched and when that fails', async () => {
  const { loading: one, asked, last } = loading()
  const first = one.load()
  assert.deepEqual(stateOf(last()), { at: 'loading' })
  asked[0]?.answer.resolve('a')
  await first
  assert.deepEqual(stateOf(last()), { at: 'loaded', data: 'a' })
  const second = one.load()
  assert.deepEqual(stateOf(last()), { at: 'loaded', data: 'a' })
  const problem = new Error('refused')
  asked[1]?.answer.reject(problem)
  await second
  assert.deepEqual(stateOf(last()), { at: 'loaded', data: 'a' })
  assert.deepEqual(last().attempt, { at: 'failed', problem })
})

test('what fails before anything was there is said to have failed', async () => {
  const { loading: one, asked, last } = loading()
  const first = one.load()
  const problem = new Error('refused')
  asked[0]?.answer.reject(problem)
  await first
  assert.deepEqual(stateOf(last()), { at: 'failed', problem })
})

test('of two attempts the later one counts, though the earlier one answers last', async () => {
  const { loading: one, asked, last } = loading()
  const attempts = [one.load(), one.load()]
  assert.ok(asked[0]?.signal.aborted)
  assert.ok(!asked[1]?.signal.aborted)
  asked[1]?.answer.resolve('new')
  asked[0]?.answer.resolve('old')
  await Promise.all(attempts)
  assert.deepEqual(stateOf(last()), { at: 'loaded', data: 'new' })
})

test('an attempt that was superseded is not told to have failed', async () => {
  const { loading: one, asked, told } = loading()
  const first = one.load()
  one.stop()
  asked[0]?.answer.reject(new Error('aborted'))
  await first
  assert.ok(told.every(({ attempt }) => attempt.at === 'running'))
})

test('waiting shows after a while, and not when the answer was quick', async () => {
  const { loading: one, asked, told, last } = loading()
  const slow = one.load()
  await new Promise(resolve => setTimeout(resolve, 3 * SLOW_MS))
  assert.deepEqual(last().attempt, { at: 'running', isSlow: true })
  asked[0]?.answer.resolve('a')
  await slow
  const before = told.length
  const quick = one.load()
  asked[1]?.answer.resolve('b')
  await quick
  await new Promise(resolve => setTimeout(resolve, 3 * SLOW_MS))
  assert.deepEqual(
    told.slice(before).map(({ attempt }) => attempt.at),
    ['running', 'done'],
  )
})
