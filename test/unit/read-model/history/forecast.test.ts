import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ForecastSource, forecast } from '../../../../server/read-model/history/forecast.ts'

const NOW = 1_800_000_000_000
const HOUR = 3_600_000
const noPause = async (): Promise<void> => undefined

/** [milliseconds until it expires, messages, bytes]; online when the first is undefined. */
type Row = readonly [number | undefined, number, number]

function source(rows: readonly Row[]): ForecastSource {
  return {
    end: rows.length,
    isOffline: row => rows[row]![0] !== undefined,
    expiresAt: rows.map(([ms]) => NOW + (ms ?? 0)),
    owed: rows.map(row => row[1]),
    bytes: rows.map(row => row[2]),
  }
}

test('each horizon holds the shorter ones; who is online loses nothing', async () => {
  const rows: Row[] = [
    [HOUR, 10, 1000],
    [HOUR + 1, 1, 100],
    [24 * HOUR, 2, 200],
    [7 * 24 * HOUR, 3, 300],
    [7 * 24 * HOUR + 1, 4, 400],
    [undefined, 5, 500],
    [Number.POSITIVE_INFINITY, 6, 600],
  ]
  const answer = await forecast(source(rows), NOW, noPause)
  assert.deepEqual(answer, {
    horizons: [
      { horizon: 'hour', sessions: 1, messages: 10, bytes: 1000 },
      { horizon: 'day', sessions: 3, messages: 13, bytes: 1300 },
      { horizon: 'week', sessions: 4, messages: 16, bytes: 1600 },
    ],
    never: { sessions: 1, messages: 6, bytes: 600 },
    sentence:
      'Next hour: 1 session expires, and 10 messages (1,000 B) will be lost. 1 offline session never expires.',
  })
})

const sentences: readonly (readonly [readonly Row[], string])[] = [
  [[], 'No session expires within a week.'],
  [[[8 * 24 * HOUR, 1, 1]], 'No session expires within a week.'],
  [[[2 * HOUR, 0, 0]], 'Next day: 1 session expires, without messages.'],
  [
    [
      [48 * HOUR, 1, 5],
      [49 * HOUR, 0, 0],
      [Number.POSITIVE_INFINITY, 0, 0],
      [Number.POSITIVE_INFINITY, 0, 0],
    ],
    'Next week: 2 sessions expire, and 1 message (5 B) will be lost. 2 offline sessions never expire.',
  ],
]

for (const [rows, sentence] of sentences) {
  test(sentence, async () => assert.equal((await forecast(source(rows), NOW, noPause)).sentence, sentence))
}

test('a long table is looked at in slices', async () => {
  const rows = Array.from({ length: 50_000 }, (): Row => [HOUR, 1, 1])
  let pauses = 0
  const answer = await forecast(source(rows), NOW, async () => {
    pauses++
  })
  assert.equal(pauses, 2)
  assert.equal(answer.horizons[0]!.messages, 50_000)
})
