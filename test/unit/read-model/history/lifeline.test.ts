import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Downtime, drawLifeline } from '../../../../server/read-model/history/lifeline.ts'
import { kindNumbers } from '../../../../server/read-model/history/tables.ts'

const START = 1_800_000_000_000
const { connect, disconnect, takeover } = kindNumbers

function draw(
  presence: readonly (readonly [kind: number, at: number])[],
  downtimes: readonly (readonly [from: number, to: number])[] = [],
): readonly [readonly (readonly [number, string])[], readonly number[]] {
  const lifeline = drawLifeline(
    'a',
    presence.map(([kind, at]) => ({ kind, at: START + at })),
    downtimes.map(([from, to]): Downtime => ({ from: START + from, to: START + to })),
    START,
  )
  return [
    lifeline.segments.map(([at, state]) => [Date.parse(at) - START, state]),
    lifeline.takeovers.map(at => Date.parse(at) - START),
  ]
}

test('nothing is known of a client that never came', () => {
  assert.deepEqual(draw([]), [[[0, 'unknown']], []])
})

test('what was before the window says how it begins', () => {
  const before = [
    [connect, -300],
    [disconnect, -200],
    [connect, -100],
  ] as const
  assert.deepEqual(draw([...before, [disconnect, 50]])[0], [
    [0, 'online'],
    [50, 'offline'],
  ])
})

test('a takeover is a tick in a line that goes on', () => {
  const presence = [
    [connect, 10],
    [takeover, 20],
    [disconnect, 20],
    [connect, 20],
    [takeover, 30],
    [disconnect, 30],
    [connect, 31],
  ] as const
  assert.deepEqual(draw(presence), [
    [
      [0, 'unknown'],
      [10, 'online'],
      [30, 'offline'],
      [31, 'online'],
    ],
    [20, 30],
  ])
})

test('in one millisecond the last thing that happened counts', () => {
  const presence = [
    [connect, 10],
    [disconnect, 20],
    [connect, 20],
    [disconnect, 20],
  ] as const
  assert.deepEqual(draw(presence)[0].at(-1), [20, 'offline'])
})

test('while the broker was down nothing is known, and then nobody is connected', () => {
  assert.deepEqual(
    draw(
      [
        [connect, 10],
        [connect, 90],
      ],
      [[40, 60]],
    )[0],
    [
      [0, 'unknown'],
      [10, 'online'],
      [40, 'unknown'],
      [60, 'offline'],
      [90, 'online'],
    ],
  )
})

test('a restart before the client first came says nothing of it', () => {
  assert.deepEqual(draw([[connect, 90]], [[40, 60]])[0], [
    [0, 'unknown'],
    [90, 'online'],
  ])
})

test('a broker that was down when the window begins', () => {
  assert.deepEqual(draw([[connect, -50]], [[-10, 30]])[0], [
    [0, 'unknown'],
    [30, 'offline'],
  ])
})
