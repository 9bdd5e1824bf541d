// Sessions that have changed: each is told once, and again after it was taken.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TouchedSessions } from '../../../server/session/touched.ts'
import { stage } from './stage.ts'

test('nothing is remembered for nobody', async () => {
  const touched = new TouchedSessions()
  const { session } = await stage()
  touched.add(session)
  assert.deepEqual(touched.take(), [])
})

test('a session that changes twice is told once, and anew after it was taken', async () => {
  const touched = new TouchedSessions()
  touched.watch(() => undefined)
  const one = (await stage()).session
  const other = (await stage()).session
  for (const session of [one, other, one]) touched.add(session)
  assert.deepEqual(touched.take(), [one, other])
  assert.deepEqual(touched.take(), [])
  touched.add(one)
  assert.deepEqual(touched.take(), [one])
})

test('the watcher is called when so many have changed that they must be taken', async () => {
  const touched = new TouchedSessions()
  const taken: number[] = []
  touched.watch(() => taken.push(touched.take().length))
  const { session } = await stage()
  for (let count = 0; count < 16_384; count++) {
    session.isTouched = false
    touched.add(session)
  }
  assert.deepEqual(taken, [16_384])
})
