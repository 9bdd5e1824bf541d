import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ItemResult, NumberedResult } from '../../../../server/admin/operations/item-result.ts'
import { ACTING_MAX } from '../../../../server/admin/operations/limits.ts'
import { Run, type RunEnd, type RunGiven, type RunMark } from '../../../../server/admin/operations/run.ts'
import type { Member } from '../../../../server/admin/plans/member.ts'
import { SeededRandom } from '../../../fuzz/seeded-random.ts'
import { FakeTime } from './fake-time.ts'

const OK: ItemResult = { status: 'ok', messages: 0, bytes: 0 }

function member(number: number, blocked = false): Member {
  return {
    key: `k${number}`,
    generation: 'g',
    connected: false,
    since: 0,
    messages: 0,
    bytes: 0,
    subscriptions: 0,
    will: false,
    blocked: blocked ? 'protected' : undefined,
    particulars: '',
  }
}

/** A list, a disk that remembers what was saved, and what was done to the items. */
class Stage {
  readonly time = new FakeTime()
  readonly results = new Map<number, NumberedResult>()
  readonly acts: { readonly number: number; readonly at: number; readonly mayBeDone: boolean }[] = []
  readonly problems: string[] = []
  mark: RunMark = { settled: 0, begun: 0 }
  isReadOnly = false
  /** Of the disk. */
  isFailing = false
  actMs = 0
  /** The process has been killed: nothing of it reaches the disk or the broker. */
  isDead = false
  result: (number: number) => ItemResult = () => OK
  readonly #members: readonly Member[]

  constructor(members: readonly Member[]) {
    this.#members = members
  }

  run(ratePerSecond = 200): { readonly run: Run; readonly end: Promise<RunEnd> } {
    const { settled, begun } = this.mark
    const open = Array.from({ length: begun - settled }, (_, at) => settled + at).filter(
      number => !this.results.has(number),
    )
    const run = new Run({ items: this.#members.length, ratePerSecond, begun, open }, this.#given())
    return { run, end: run.toItsEnd() }
  }

  #given(): RunGiven {
    return {
      clock: this.time,
      after: this.time.after,
      read: async (from, count) => this.#members.slice(from, from + count),
      act: async (one, number, mayBeDone) => {
        if (this.isDead) return new Promise<never>(() => undefined)
        assert.equal(one.key, `k${number}`)
        assert.equal(one.blocked, undefined)
        assert.ok(number < this.mark.begun, 'the disk knows that it may begin')
        this.acts.push({ number, at: this.time.now(), mayBeDone })
        if (this.actMs > 0) await new Promise<void>(resolve => this.time.after(this.actMs, resolve))
        return this.result(number)
      },
      save: async (results, mark) => {
        if (this.isDead) return new Promise<never>(() => undefined)
        if (this.isFailing) throw new Error('the disk is full')
        for (const result of results) {
          assert.ok(!this.results.has(result.number), `item ${result.number} has one result`)
          this.results.set(result.number, result)
        }
        this.mark = mark
      },
      holdUp: () => (this.isReadOnly ? 'read-only' : undefined),
      problem: what => this.problems.push(what),
    }
  }
}

function members(count: number, blocked: (number: number) => boolean = () => false): readonly Member[] {
  return Array.from({ length: count }, (_, number) => member(number, blocked(number)))
}

test('items are done in order at the rate that was asked for, by the clock', async () => {
  const stage = new Stage(members(1_000))
  const { end } = stage.run(200)
  const startedAt = stage.time.now()
  await stage.time.pass(6_000)
  assert.equal(await end, 'done')
  assert.deepEqual(
    stage.acts.map(act => act.number),
    Array.from({ length: 1_000 }, (_, number) => number),
  )
  const took = stage.acts.at(-1)!.at - startedAt
  assert.ok(took >= 4_800 && took <= 5_200, `a thousand took ${took} ms`)
  for (const { number, at } of stage.acts) {
    assert.ok(
      number <= ((at - startedAt) * 200) / 1000 + 21,
      `item ${number} came too early, after ${at - startedAt} ms`,
    )
  }
  assert.equal(stage.results.size, 1_000)
  assert.deepEqual(stage.mark, { settled: 1_000, begun: 1_000 })
})

test('a rate below one a second keeps to it as well', async () => {
  const stage = new Stage(members(3))
  const { end } = stage.run(0.5)
  await stage.time.pass(1_900)
  assert.equal(stage.acts.length, 1)
  await stage.time.pass(3_000)
  assert.equal(await end, 'done')
})

test('after a pause nothing rushes', async () => {
  const stage = new Stage(members(1_000))
  const { run, end } = stage.run(200)
  await stage.time.pass(1_000)
  stage.isReadOnly = true
  await stage.time.pass(60_000)
  assert.equal(run.waitsFor, 'read-only')
  const before = stage.acts.length
  stage.isReadOnly = false
  await stage.time.pass(1_000)
  assert.equal(run.waitsFor, undefined)
  assert.ok(stage.acts.length - before <= 230, `${stage.acts.length - before} in the second after it`)
  await stage.time.pass(10_000)
  assert.equal(await end, 'done')
})

test('slow items wait for one another beyond a number that is bounded', async () => {
  const stage = new Stage(members(2_000))
  stage.actMs = 1_000
  const { end } = stage.run(10_000)
  await stage.time.pass(900)
  assert.equal(stage.acts.length, ACTING_MAX)
  await stage.time.pass(20_000)
  assert.equal(await end, 'done')
  assert.equal(stage.results.size, 2_000)
})

test('blocked items are passed over and cost no time', async () => {
  const stage = new Stage(members(3_000, number => number % 100 !== 7))
  const { end } = stage.run(200)
  await stage.time.pass(1_000)
  assert.equal(await end, 'done')
  assert.deepEqual(
    [...stage.results.keys()],
    Array.from({ length: 30 }, (_, at) => at * 100 + 7),
  )
})

test('a cancel leaves what has not begun, and waits for what has', async () => {
  const stage = new Stage(members(1_000))
  stage.actMs = 300
  const { run, end } = stage.run(200)
  await stage.time.pass(1_000)
  run.end('cancelled')
  await stage.time.pass(1_000)
  assert.equal(await end, 'cancelled')
  assert.ok(stage.acts.length > 150 && stage.acts.length < 250)
  assert.equal(stage.results.size, stage.acts.length, 'each that has begun has a result')
  assert.deepEqual(stage.mark, { settled: stage.acts.length, begun: stage.acts.length })
})

test('an item that throws is a failed one, and the others go on', async () => {
  const stage = new Stage(members(10))
  stage.result = number => {
    if (number === 3) throw new Error('broken')
    return OK
  }
  const { end } = stage.run()
  await stage.time.pass(1_000)
  assert.equal(await end, 'done')
  assert.deepEqual([stage.results.get(3)?.status, stage.results.get(3)?.detail], ['failed', 'broken'])
  assert.equal([...stage.results.values()].filter(one => one.status === 'ok').length, 9)
  assert.deepEqual(stage.problems, ['an item of an operation failed'])
})

test('a database that takes nothing stops the operation for as long, and loses no result', async () => {
  const stage = new Stage(members(500))
  const { run, end } = stage.run(200)
  await stage.time.pass(500)
  stage.isFailing = true
  await stage.time.pass(10_000)
  assert.equal(run.waitsFor, 'database')
  assert.ok(stage.acts.length < 300, 'it does not go on for long without')
  assert.deepEqual(stage.problems, ['the results of an operation are not on the disk'])
  stage.isFailing = false
  await stage.time.pass(10_000)
  assert.equal(await end, 'done')
  assert.equal(stage.results.size, 500)
})

test('killed again and again, each item is done once, or looked at again when it may have been', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new SeededRandom(seed)
    const count = 1 + random.below(600)
    const list = members(count, number => (number * 7 + seed) % 5 === 0)
    let stage = new Stage(list)
    const done = new Set<number>()
    const ask = (next: Stage): void => {
      next.actMs = random.below(3) * 120
      next.result = number => {
        done.add(number)
        return OK
      }
    }
    ask(stage)
    for (let kills = 0; kills < 6; kills++) {
      const doneBefore = new Set(done)
      stage.run(100 + random.below(900))
      await stage.time.pass(random.below(700))
      stage.isDead = true
      checkActs(stage.acts, doneBefore, seed)
      const next = new Stage(list)
      next.mark = stage.mark
      for (const [number, result] of stage.results) next.results.set(number, result)
      stage = next
      ask(stage)
    }
    const doneBefore = new Set(done)
    const { end } = stage.run(5_000)
    await stage.time.pass(5_000)
    assert.equal(await end, 'done')
    checkActs(stage.acts, doneBefore, seed)
    const acted = list.flatMap((one, number) => (one.blocked === undefined ? [number] : []))
    assert.deepEqual(
      [...stage.results.keys()].sort((a, b) => a - b),
      acted,
      `seed ${seed}`,
    )
    assert.deepEqual(
      [...done].sort((a, b) => a - b),
      acted,
    )
  }
})

/** Whoever does an item anew that was done before must be told that it may have been. */
function checkActs(acts: Stage['acts'], doneBefore: ReadonlySet<number>, seed: number): void {
  for (const { number, mayBeDone } of acts)
    assert.ok(mayBeDone || !doneBefore.has(number), `item ${number}, seed ${seed}`)
}
