// The timer wheel on a clock that tests move: never early, at most a tick late, for any deadline and any clock.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Timer, TimerWheel } from '../../../server/session/timer-wheel.ts'
import { fuzz, type SeededRandom } from '../../fuzz/seeded-random.ts'
import { FakeClock } from '../routing/messages.ts'

const TICK_MS = 100
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

function setUp(ms?: number) {
  const clock = new FakeClock(ms)
  const wheel = new TimerWheel(clock)
  const fired: string[] = []
  const named = (name: string): Timer => new Timer(() => fired.push(name))
  const pass = (passedMs: number): void => {
    clock.ms += passedMs
    wheel.advance()
  }
  return { clock, wheel, fired, named, pass }
}

/** How late a timer fires when the wheel is advanced each tick, as the broker does. */
function latenessMs(waitMs: number, startMs?: number): number {
  const { clock, wheel, pass } = setUp(startMs)
  let firedAt: number | undefined
  const deadline = clock.ms + waitMs
  const timer = new Timer(() => {
    firedAt = clock.ms
  })
  wheel.schedule(timer, deadline)
  // Far from the deadline one leap is as good as many ticks.
  if (waitMs > 20 * TICK_MS) pass(waitMs - 10 * TICK_MS)
  for (let step = 0; step < 40 && firedAt === undefined; step++) pass(TICK_MS)
  assert.ok(firedAt !== undefined, `a timer of ${waitMs} ms did not fire`)
  return firedAt - deadline
}

const waits = [
  0,
  1,
  99,
  100,
  101,
  1_000,
  25_500,
  25_600,
  25_601,
  25_700,
  HOUR_MS,
  6_553_600,
  6_553_700,
  DAY_MS,
]

for (const waitMs of waits) {
  test(`fires a deadline ${waitMs} ms away neither early nor more than a tick late`, () => {
    for (let offset = 0; offset < 300; offset++) {
      const start = 1_700_000_000_000 + offset * 37 + offset * 25_600
      const late = latenessMs(waitMs, start)
      assert.ok(late >= 0, `${-late} ms early, started at ${start}`)
      // The wheel is advanced at whatever moment a tick has, so that a tick may pass before it is seen.
      assert.ok(late < 2 * TICK_MS, `${late} ms late, started at ${start}`)
    }
  })
}

test('fires a deadline that stands on the edge of a slot of any level in its own tick', () => {
  for (const slotMs of [25_600, 6_553_600]) {
    const edge = Math.ceil(1_700_000_000_000 / slotMs) * slotMs
    for (const [deadline, startMs] of [
      [edge, edge - 2 * slotMs],
      [edge, edge - slotMs - 5_000],
      [edge + slotMs, edge - 1],
      [edge - 1, edge - slotMs - 1],
      [edge + 1, edge - slotMs - 1],
    ] as const) {
      const { clock, wheel, fired, named, pass } = setUp(startMs)
      wheel.schedule(named('edge'), deadline)
      pass(deadline - 1 - clock.ms)
      assert.deepEqual(fired, [], `early: ${deadline} from ${startMs}`)
      const nextTick = Math.ceil(deadline / TICK_MS) * TICK_MS
      pass(nextTick - clock.ms)
      assert.deepEqual(fired, ['edge'], `late: ${deadline} from ${startMs}`)
    }
  }
})

test('fires a deadline of 13 years and one of 30 days in their time', () => {
  for (const days of [30, 365, 13 * 365 + 100]) {
    const { wheel, fired, named, pass } = setUp()
    wheel.schedule(named('far'), 1_700_000_000_000 + days * DAY_MS)
    for (let day = 0; day < days - 1; day += 1) pass(DAY_MS)
    assert.deepEqual(fired, [], `${days} days, too early`)
    pass(DAY_MS - TICK_MS)
    assert.deepEqual(fired, [], `${days} days, a tick too early`)
    pass(2 * TICK_MS)
    assert.deepEqual(fired, ['far'], `${days} days`)
  }
})

test('never fires a deadline that is infinite', () => {
  const { wheel, fired, named, pass } = setUp()
  wheel.schedule(named('never'), Number.POSITIVE_INFINITY)
  for (let day = 0; day < 400; day++) pass(DAY_MS)
  assert.deepEqual(fired, [])
})

test('fires on the next tick what is already due, and once', () => {
  const { clock, wheel, fired, named, pass } = setUp()
  wheel.schedule(named('past'), clock.ms - HOUR_MS)
  wheel.schedule(named('zero'), 0)
  wheel.advance()
  assert.deepEqual(fired, [])
  pass(TICK_MS)
  assert.deepEqual(fired.toSorted(), ['past', 'zero'])
  pass(HOUR_MS)
  assert.equal(fired.length, 2)
})

test('fires nothing while the clock stands still or goes back, and goes on after it', () => {
  const { wheel, fired, named, clock, pass } = setUp()
  wheel.schedule(named('one'), clock.ms + 1_000)
  for (let count = 0; count < 50; count++) pass(0)
  pass(-5 * HOUR_MS)
  pass(1_000)
  assert.deepEqual(fired, [])
  pass(5 * HOUR_MS - 2_000)
  assert.deepEqual(fired, [])
  pass(2_100)
  assert.deepEqual(fired, ['one'])
})

test('fires everything that is due when the clock leaps, and nothing else', () => {
  const { wheel, fired, named, clock, pass } = setUp()
  for (const minutes of [1, 30, 59, 61, 600]) wheel.schedule(named(`${minutes}`), clock.ms + minutes * 60_000)
  pass(HOUR_MS)
  assert.deepEqual(fired, ['1', '30', '59'])
})

test('cancels, moves and reuses a timer', () => {
  const { wheel, fired, named, clock, pass } = setUp()
  const cancelled = named('cancelled')
  const moved = named('moved')
  wheel.schedule(cancelled, clock.ms + 500)
  wheel.schedule(moved, clock.ms + 500)
  wheel.cancel(cancelled)
  wheel.cancel(cancelled)
  wheel.schedule(moved, clock.ms + 2_000)
  pass(1_000)
  assert.deepEqual(fired, [])
  pass(1_200)
  assert.deepEqual(fired, ['moved'])
  wheel.schedule(moved, clock.ms + 500)
  wheel.schedule(cancelled, clock.ms + 100_000)
  pass(700)
  assert.deepEqual(fired, ['moved', 'moved'])
  wheel.schedule(cancelled, clock.ms + 100)
  pass(300)
  assert.deepEqual(fired, ['moved', 'moved', 'cancelled'])
})

test('lets a timer that fires cancel, move and set others, itself too', () => {
  const { wheel, fired, named, clock, pass } = setUp()
  const neighbours = [named('a'), named('b'), named('c')]
  let rounds = 0
  const busy: Timer = new Timer(() => {
    fired.push('busy')
    for (const one of neighbours) wheel.cancel(one)
    if (++rounds < 3) wheel.schedule(busy, clock.ms)
  })
  const first = clock.ms + 1_000
  for (const one of neighbours) wheel.schedule(one, first + 100)
  wheel.schedule(busy, first)
  for (let count = 0; count < 30; count++) pass(TICK_MS)
  assert.deepEqual(fired, ['busy', 'busy', 'busy'])
})

interface Held {
  readonly timer: Timer
  deadline: number | undefined
  firedAt: number | undefined
}

function randomWait(random: SeededRandom): number {
  return random.below(random.pick([1, 150, 3_000, 60_000, 10_000_000, 10 * DAY_MS]))
}

fuzz('fires what a list of deadlines says, under random schedules, cancels, pauses and leaps', random => {
  const { clock, wheel } = setUp(1_700_000_000_000 + random.below(10_000_000))
  const held = random.list(
    30,
    (): Held => {
      const one: Held = {
        deadline: undefined,
        firedAt: undefined,
        timer: new Timer(() => {
          assert.ok(one.deadline !== undefined, 'a timer fired that was not set')
          assert.ok(one.deadline <= clock.ms, `fired ${one.deadline - clock.ms} ms early`)
          one.deadline = undefined
        }),
      }
      return one
    },
    1,
  )
  for (let step = 0; step < 12; step++) {
    for (const one of held) {
      if (random.once(3)) {
        one.deadline = clock.ms + randomWait(random)
        wheel.schedule(one.timer, one.deadline)
      } else if (random.once(6)) {
        one.deadline = undefined
        wheel.cancel(one.timer)
      }
    }
    clock.ms += random.pick([0, 1, 50, 100, 1_000, 25_600, random.below(200_000)])
    wheel.advance()
    for (const { deadline } of held) {
      assert.ok(deadline === undefined || deadline > clock.ms - TICK_MS, `${deadline} is late at ${clock.ms}`)
    }
  }
})
