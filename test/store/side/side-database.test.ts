// The database beside the store: transactions, versions of its parts, and what happens when it cannot go on.

import assert from 'node:assert/strict'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { StoreProblem } from '../../../server/store/embedded/database.ts'
import { openSide, type SideDatabase, SideProblem } from '../../../server/store/side/side-database.ts'
import { temporaryDirectory } from '../../harness/store-files.ts'

const steps = ['CREATE TABLE thing (name TEXT PRIMARY KEY, bytes BLOB)']

async function open(dataDirectory: string | undefined): Promise<SideDatabase> {
  const side = await openSide({ dataDirectory, fatal: message => assert.fail(message) })
  after(() => side.close())
  return side
}

for (const where of ['a directory', 'memory'] as const) {
  test(`what was written is read back, in ${where}`, async () => {
    const side = await open(where === 'memory' ? undefined : temporaryDirectory())
    await side.define('things', steps)
    const written = side.write([
      ['INSERT INTO thing VALUES (?, ?)', 'a', Uint8Array.of(1, 2)],
      ['INSERT INTO thing VALUES (?, ?)', 'b', null],
    ])
    const rows = await side.read('SELECT * FROM thing ORDER BY name')
    await written
    assert.deepEqual(
      rows.map(row => [row['name'], row['bytes']]),
      [
        ['a', Uint8Array.of(1, 2)],
        ['b', null],
      ],
    )
  })
}

test('a transaction that fails leaves nothing behind, and says what kind of failure it was', async () => {
  const side = await open(undefined)
  await side.define('things', steps)
  const twice = side.write([
    ['INSERT INTO thing VALUES (?, ?)', 'a', null],
    ['INSERT INTO thing VALUES (?, ?)', 'a', null],
  ])
  await assert.rejects(twice, (error: unknown) => {
    assert.ok(error instanceof SideProblem)
    return error.failure === 'constraint'
  })
  await assert.rejects(side.read('SELECT nonsense'), /no such column/)
  assert.deepEqual(await side.read('SELECT * FROM thing'), [])
})

test('a part is brought from its version to the newest, once, and survives', async () => {
  const directory = temporaryDirectory()
  const first = await open(directory)
  await first.define('things', steps)
  await first.write([['INSERT INTO thing VALUES (?, ?)', 'kept', null]])
  await first.close()
  const second = await open(directory)
  await second.define('things', [...steps, "ALTER TABLE thing ADD COLUMN colour TEXT DEFAULT 'grey'"])
  const [row] = await second.read('SELECT name, colour FROM thing')
  assert.deepEqual({ ...row }, { name: 'kept', colour: 'grey' })
  await assert.rejects(
    second.define('things', steps),
    /written by a newer Holdfast \(version 2; this one knows 1\)/,
  )
})

test('only the owner may read the file', async () => {
  const directory = temporaryDirectory()
  await open(directory)
  for (const file of ['admin.db', 'admin.db-wal']) {
    assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600, file)
  }
})

test('a file that is no database is refused with what to do', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'admin.db'), 'not a database, and long enough to be looked at'.repeat(50))
  await assert.rejects(openSide({ dataDirectory: directory, fatal: assert.fail }), (error: unknown) => {
    assert.ok(error instanceof StoreProblem)
    assert.match(
      error.message,
      /admin\.db .* cannot be opened .*: put a backup in its place, or move it away/,
    )
    return true
  })
})

test('a copy can be made while it is in use, and be opened', async () => {
  const side = await open(temporaryDirectory())
  await side.define('things', steps)
  await side.write([['INSERT INTO thing VALUES (?, ?)', 'a', null]])
  const copy = join(temporaryDirectory(), 'copy')
  mkdirSync(copy)
  await Promise.all([side.backup(copy), side.write([['INSERT INTO thing VALUES (?, ?)', 'b', null]])])
  const opened = await open(copy)
  const names = (await opened.read('SELECT name FROM thing')).map(row => row['name'])
  assert.ok(names.includes('a'))
})

test('whoever asks after the end is told', async () => {
  const side = await open(undefined)
  await side.close()
  await assert.rejects(side.read('SELECT 1'), /it is closed/)
  await side.close()
})
