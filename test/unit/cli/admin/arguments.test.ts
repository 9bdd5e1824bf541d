// How commands of the admin client read their arguments, and how they ask before they do much.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminCommand } from '../../../../server/cli/admin/admin-command.ts'
import { oneOfWords, wholeNumber } from '../../../../server/cli/admin/arguments.ts'
import { confirmCount, confirmFlags } from '../../../../server/cli/admin/confirm.ts'
import { timeText } from '../../../../server/cli/admin/times.ts'
import { cli, type Said, type SceneOptions } from './cli-scene.ts'

let read: unknown

const command = adminCommand({
  name: 'sessions try',
  group: 'Try',
  summary: 'Try.',
  operands: [
    { name: 'CLIENT-ID', times: 'once' },
    { name: 'TOPIC', times: 'optional' },
  ],
  flags: [
    { name: '--seconds', value: 'N', meaning: 'For how long.' },
    { name: '--format', value: 'FORMAT', meaning: 'How.' },
    { name: '--pin', meaning: 'For good.' },
  ],
  run: async run => {
    const seconds = wholeNumber(run, '--seconds', { min: 1, max: 60 })
    const format = oneOfWords(run, '--format', ['csv', 'ndjson'])
    read = { operands: run.operands, switches: [...run.switches], seconds, format }
  },
})

test('operands and flags may stand in any order, and what begins with a dash after --', async () => {
  const wanted = { operands: ['kiosk', 't'], switches: ['--pin'], seconds: 5, format: 'csv' }
  for (const argv of [
    ['kiosk', 't', '--pin', '--seconds', '5', '--format=csv'],
    ['--pin', '--format', 'csv', 'kiosk', '--seconds=5', 't'],
  ]) {
    assert.deepEqual(await cli(argv, { command }), { code: 0, out: '', err: '' })
    assert.deepEqual(read, wanted)
  }
  assert.equal((await cli(['--', '--pin', '-x'], { command })).code, 0)
  assert.deepEqual(read, { operands: ['--pin', '-x'], switches: [], seconds: undefined, format: undefined })
})

test('what is wrong is said in a sentence, and nothing is done', async () => {
  for (const [argv, pattern] of [
    [[], /^Name the CLIENT-ID: holdfast sessions try CLIENT-ID \[TOPIC\] \[--seconds N\]/],
    [['a', 'b', 'c'], /one argument too many: "c"/],
    [['a', '--secnds', '5'], /no flag "--secnds" here\. Did you mean --seconds\?/],
    [['-abcdefghijk'], /comes after --/],
    [['a', '--seconds'], /--seconds needs a value: N\./],
    [['a', '--seconds', '0'], /--seconds must be a whole number from 1 to 60, not "0"/],
    [['a', '--seconds', 'x'], /not "x"/],
    [['a', '--format', 'xml'], /--format must be one of csv, ndjson/],
    [['a', '--pin=true'], /--pin takes no value/],
    [['a', '--pin', '--pin'], /--pin is given twice/],
    [['a', '--api-key', 'bk_x'], /no flag "--api-key" here/],
  ] as const) {
    const { code, out, err } = await cli(argv, { command })
    assert.deepEqual([code, out], [2, ''], argv.join(' '))
    assert.match(err, pattern)
  }
})

const bulk = adminCommand({
  name: 'try',
  group: 'Try',
  summary: 'Try.',
  flags: confirmFlags,
  run: async run => {
    await confirmCount(run, run.context, 31, 'session')
    run.print.line('done')
  },
})

test('a bulk act goes on when the number was typed, or expected beforehand', async () => {
  const done = async (argv: readonly string[], options: SceneOptions = {}): Promise<Said> =>
    cli(argv, { ...options, command: bulk })
  assert.equal((await done([], { typed: [' 31 '] })).out, 'done\n')
  assert.equal((await done(['--yes', '--count', '31'])).out, 'done\n')
  for (const [argv, options, code, pattern] of [
    [[], { typed: ['30'] }, 4, /That is not 31: nothing was done/],
    [[], { typed: ['y'] }, 4, /That is not 31/],
    [[], { typed: [''] }, 4, /That is not 31/],
    [[], { typed: [] }, 4, /That is not 31/],
    [[], {}, 4, /Nobody is there to be asked.*--yes --count 31/],
    [['--yes'], {}, 2, /--yes needs --count/],
    [['--yes', '--count', '30'], {}, 4, /There are 31 sessions, not 30: nothing was done/],
    [['--count', '30'], { typed: ['31'] }, 4, /not 30/],
    [['--count', '31'], {}, 4, /Nobody is there/],
  ] as const) {
    const said = await done(argv, options)
    assert.deepEqual([said.code, said.out], [code, ''], argv.join(' '))
    assert.match(said.err, pattern)
  }
})

test('times are told by their distance, or as they stand in the calendar', () => {
  const now = Date.parse('2026-10-21T09:00:00Z')
  assert.equal(timeText('2026-10-21T08:57:00Z', now, 'relative'), '3 min ago')
  assert.equal(timeText('2026-10-28T09:00:00Z', now, 'relative'), 'in 7 d')
  assert.equal(timeText('2026-10-21T09:00:00.400Z', now, 'relative'), 'now')
  assert.equal(timeText('2026-10-21T08:57:02.123Z', now, 'utc'), '2026-10-21 08:57:02Z')
  assert.equal(timeText(null, now, 'relative'), '-')
})

test('help lists own flags, common ones, where the key comes from, and the exit codes', () => {
  for (const text of [
    '--seconds N',
    'For how long.',
    '--profile NAME',
    'HOLDFAST_API_KEY',
    'mode 0600',
    '6 no broker',
  ])
    assert.ok(command.explanation?.includes(text), text)
  for (const line of command.explanation?.split('\n') ?? []) assert.ok(line.length <= 110, line)
})
