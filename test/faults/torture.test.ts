// A short torture in every test run: what was acknowledged survives kill -9 and power cuts; `npm run torture` does it for longer.

import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { whyNoPowerCuts } from './torture/power-cut/power-cut.ts'
import { type Durability, findSubject } from './torture/subjects.ts'
import { type TortureResult, torture } from './torture/torture.ts'
import { describeResult, isClean } from './torture/verdict.ts'

const seed = randomInt(2 ** 31)
const skip = whyNoPowerCuts() ?? false

async function tortured(
  durability: Durability,
  crashes: { readonly kills: number; readonly cuts: number },
): Promise<TortureResult> {
  const subject = findSubject('holdfast', durability)
  assert.ok('command' in subject)
  return torture({ subject, seed, ...crashes, minutes: Number.POSITIVE_INFINITY, progress: () => undefined })
}

function assertClean(result: TortureResult): void {
  assert.ok(result.messages.acknowledged > 20, `hardly anything happened\n${describeResult(result)}`)
  assert.ok(isClean(result), describeResult(result))
}

test('keeps what it acknowledged, exactly once and in order, through kill -9 [MQTT5-4.4.0-1] [MQTT5-4.3.3-1]', async () => {
  assertClean(await tortured('sync', { kills: 8, cuts: 0 }))
})

test('keeps what it acknowledged through power cuts in which only synced data survive', {
  skip,
}, async () => {
  const result = await tortured('sync', { kills: 0, cuts: 4 })
  assertClean(result)
  assert.equal(result.crashes.cuts, 4)
})

test('with --durability os survives kill -9', async () => {
  assertClean(await tortured('os', { kills: 3, cuts: 0 }))
})

test('with --durability os loses acknowledged messages in power cuts, which shows that they are real', {
  skip,
}, async () => {
  const result = await tortured('os', { kills: 0, cuts: 3 })
  assert.ok(result.messages.lost > 0, describeResult(result))
})
