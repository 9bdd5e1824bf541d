// `store compact`: what it removes, what it leaves, and that the file becomes smaller.

import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  base64,
  cli,
  flipBit,
  messageLine,
  sessionLine,
  storeOf,
  withTables,
} from '../../harness/store-files.ts'

const big = base64('x'.repeat(20_000))

function sizeOf(directory: string): number {
  return statSync(join(directory, 'holdfast.db')).size
}

async function compact(directory: string) {
  return cli('store', 'compact', '--data-dir', directory)
}

function seqs(directory: string): number[] {
  return withTables(directory, database =>
    database
      .prepare('SELECT seq FROM message')
      .all()
      .map(row => Number(row['seq'])),
  )
}

test('removes what nobody waits for, and says the sizes before and after', async () => {
  const messages = Array.from({ length: 50 }, (_, index) => messageLine(index + 1, { payload: big }))
  const directory = await storeOf([sessionLine('a'), ...messages])
  withTables(directory, database => database.exec('UPDATE session SET acked = 48'))
  const before = sizeOf(directory)
  const { code, out } = await compact(directory)
  assert.equal(code, 0)
  assert.match(out, /^\d\.\d MiB before, \d+\.\d KiB now; 48 records removed\.\n$/)
  assert.ok(sizeOf(directory) < before / 5)
  assert.deepEqual(seqs(directory), [49, 50])
  assert.match((await cli('store', 'check', '--data-dir', directory)).out, /Nothing is damaged/)
})

test('leaves damaged records to `store check`, but tells of them', async () => {
  const directory = await storeOf([sessionLine('a'), messageLine(1), messageLine(2)])
  flipBit(directory, 'message', 'body', 'seq = 1')
  const { code, err } = await compact(directory)
  assert.equal(code, 0)
  assert.match(err, /^1 finding of damage: run `holdfast store check`/)
  assert.deepEqual(seqs(directory), [1, 2])
})

test('removes messages that were kept for a session set aside', async () => {
  const directory = await storeOf([sessionLine('a'), messageLine(1), sessionLine('b'), messageLine(2)])
  flipBit(directory, 'session', 'record', 'number = 1')
  await cli('store', 'check', '--repair', '--data-dir', directory)
  assert.deepEqual(seqs(directory), [1, 2])
  await compact(directory)
  assert.deepEqual(seqs(directory), [2])
})
