// Sessions that have changed: each is told once, and again after it was taken.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FOLD_SESSIONS_MAX } from '../../../server/limits.ts'
import { TouchedSessions } from '../../../server/session/touched.ts'
import { stage } from './stage.ts'

test('nothing is remembered for nobody', async () => {
  const touched = new TouchedSessions()
  const { session } = await stage()
  touched.add(session)
  assert.deepEqual(touched.take(10), [])
})

test('a session that changes twice is told once, and anew after it was taken', async () => {
  const touched = new TouchedSessions()
  touched.watch(() => undefined)
  const one = (await stage()).session
  const other = (await stage()).session
  for (const session of [one, other, one]) touched.add(session)
  assert.deepEqual(touched.take(10), [one, other])
  assert.deepEqual(touched.take(10), [])
  touched.add(one)
  assert.deepEqual(touched.take(10), [one])
})

test('those that changed first are taken first, at most as many as are asked for', async () => {
  const touched = new TouchedSessions()
  touched.watch(() => undefined)
  const sessions = await Promise.all(['a', 'b', 'c'].map(async () => (await stage()).session))
  for (const session of sessions) touched.add(session)
  assert.deepEqual(touched.take(2), sessions.slice(0, 2))
  assert.equal(touched.count, 1)
  touched.add(sessions[0]!)
  assert.deepEqual(touched.take(2), [sessions[2], sessions[0]])
  assert.equal(touched.count, 0)
})

test('the watcher is called while so many have changed that they are to be taken at once', async () => {
  const touched = new TouchedSessions()
  const waiting: number[] = []
  touched.watch(() => waiting.push(touched.count))
  const { session } = await stage()
  for (let count = 0; count < FOLD_SESSIONS_MAX + 1; count++) {
    session.isTouched = false
    touched.add(session)
  }
  assert.deepEqual(waiting, [FOLD_SESSIONS_MAX, FOLD_SESSIONS_MAX + 1])
})
