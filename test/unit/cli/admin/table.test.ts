// Tables: alignment, what is cut when the terminal is narrow, and names that are wider than they are long.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutTo, displayWidth } from '../../../../server/cli/admin/display-width.ts'
import { type Column, factsText, tableText } from '../../../../server/cli/admin/table.ts'

interface Row {
  readonly id: string
  readonly queued: number
}

const columns: readonly Column<Row>[] = [
  { title: 'client', text: row => row.id, shrinksTo: 6 },
  { title: 'queued', text: row => String(row.queued), align: 'right' },
  { title: 'more', text: () => 'x', onlyWide: true },
]

test('columns are as wide as what is in them, numbers stand on the right', () => {
  assert.equal(
    tableText(
      columns,
      [
        { id: 'a', queued: 5 },
        { id: 'kiosk-17', queued: 1000 },
      ],
      80,
    ),
    'CLIENT    QUEUED\na              5\nkiosk-17    1000\n',
  )
})

test('what may be cut is cut until the row fits; with no width nothing is, and all columns are there', () => {
  const rows = [{ id: 'a-very-long-client-identifier', queued: 12 }]
  assert.equal(tableText(columns, rows, 20), 'CLIENT        QUEUED\na-very-long…      12\n')
  assert.equal(tableText(columns, rows, 8), 'CLIENT …\na-ver… …\n')
  assert.equal(
    tableText(columns, rows, undefined),
    'CLIENT                         QUEUED  MORE\na-very-long-client-identifier      12  x\n',
  )
})

test('no row is longer than the terminal is wide, whatever is in it', () => {
  const ids = [
    '日本語のクライアント名前です',
    '👩‍👩‍👧‍👦-family-of-four',
    'e\u0301'.repeat(40),
    'plain-'.repeat(10),
  ]
  for (const width of [10, 20, 30, 79]) {
    const lines = tableText(
      columns,
      ids.map(id => ({ id, queued: 1 })),
      width,
    )
      .trimEnd()
      .split('\n')
    for (const line of lines)
      assert.ok(displayWidth(line) <= width, `${displayWidth(line)} > ${width}: ${line}`)
  }
})

test('a text takes as many columns as it is shown in', () => {
  for (const [text, width] of [
    ['abc', 3],
    ['', 0],
    ['日本', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['😀', 2],
    ['👩‍👩‍👧‍👦', 2],
    ['ＡＢ', 4],
  ] as const) {
    assert.equal(displayWidth(text), width, text)
  }
  assert.equal(cutTo('日本語', 5), '日本…')
  assert.equal(cutTo('日本語', 4), '日…')
  assert.equal(cutTo('abc', 3), 'abc')
  assert.equal(cutTo('abc', 0), '')
})

test('nothing in a cell can end a line or steer the terminal', () => {
  const text = tableText(columns, [{ id: 'a\nb\u001b[2J\u202e', queued: 1 }], 80)
  assert.equal(text.split('\n').length, 3)
  for (const steering of ['\u001b', '\u202e']) assert.ok(!text.includes(steering), JSON.stringify(text))
})

test('facts stand below each other, and what is not known is left out', () => {
  assert.equal(
    factsText([
      ['state', 'online'],
      ['owner', undefined],
      ['subscriptions', '2'],
    ]),
    'state          online\nsubscriptions  2\n',
  )
})
