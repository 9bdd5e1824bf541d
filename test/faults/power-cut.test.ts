// The power cut that the torture uses: what was synced is there afterwards, and what was not is gone.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { SeededRandom } from '../fuzz/seeded-random.ts'
import { PowerCut, whyNoPowerCuts } from './torture/power-cut/power-cut.ts'

const skip = whyNoPowerCuts() ?? false

interface Computer {
  readonly data: string
  readonly powerCut: PowerCut
  /** Runs a script in the data directory, with `fs` and `sync` (of a folder) at hand, and kills it at its end. */
  run(script: string): void
  after(tornPercent?: number): Record<string, string>
}

function computer(t: TestContext, before: Record<string, string> = {}): Computer {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-power-cut-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const data = join(folder, 'data')
  mkdirSync(data)
  for (const [name, content] of Object.entries(before)) writeFileSync(join(data, name), content)
  const powerCut = new PowerCut(data, folder)
  const head = `const fs = require('node:fs'); const sync = path => fs.fsyncSync(fs.openSync(path));`
  return {
    data,
    powerCut,
    run: script => {
      const whole = `${head} ${script}; process.kill(process.pid, 'SIGKILL')`
      const { signal, stderr } = spawnSync(process.execPath, ['-e', whole], {
        cwd: data,
        env: { ...process.env, ...powerCut.environment },
        encoding: 'utf8',
      })
      assert.equal(signal, 'SIGKILL', stderr)
    },
    after: (tornPercent = 0) => {
      powerCut.cut(new SeededRandom(1), tornPercent)
      return Object.fromEntries(readdirSync(data).map(name => [name, readFileSync(join(data, name), 'utf8')]))
    },
  }
}

test('a power cut leaves what was synced of a file, and takes what was written later', { skip }, t => {
  const { run, after } = computer(t, { a: 'before' })
  run(
    `const a = fs.openSync('a', 'r+'); fs.writeSync(a, 'synced'); fs.fdatasyncSync(a); fs.writeSync(a, ' lost')`,
  )
  assert.deepEqual(after(), { a: 'synced' })
})

test('a power cut takes files whose directory was not synced, and leaves files whose was', { skip }, t => {
  const { run, after } = computer(t)
  run(`fs.writeFileSync('kept', 'k'); sync('kept'); sync('.'); fs.writeFileSync('lost', 'l'); sync('lost')`)
  assert.deepEqual(after(), { kept: 'k' })
})

test('a power cut takes back a rename and a removal that were not synced', { skip }, t => {
  const { run, after } = computer(t, { old: 'o', removed: 'r' })
  run(`fs.renameSync('old', 'new'); fs.unlinkSync('removed')`)
  assert.deepEqual(after(), { old: 'o', removed: 'r' })
})

test('a torn power cut leaves some sectors of what was not synced', { skip }, t => {
  const { run, after } = computer(t, { a: 'x'.repeat(512 * 100) })
  run(`fs.writeFileSync('a', 'y'.repeat(512 * 100), { flag: 'r+' })`)
  const { a = '' } = after(50)
  assert.match(a, /^(x{512}|y{512}){100}$/)
  assert.ok(a.includes('x') && a.includes('y'))
})

test('a second power cut goes on from the first', { skip }, t => {
  const { run, after } = computer(t, { a: '1' })
  run(`fs.writeFileSync('a', '2', { flush: true })`)
  assert.deepEqual(after(), { a: '2' })
  run(`fs.appendFileSync('a', '3')`)
  assert.deepEqual(after(), { a: '2' })
})

test('a power cut refuses to conclude anything from a journal that misses writes', { skip }, t => {
  const { data, run, after } = computer(t, { a: 'a' })
  run(`fs.writeFileSync('a', 'b')`)
  writeFileSync(join(data, 'a'), 'z'.repeat(1024 * 1024))
  assert.throws(() => after(), /the journal does not explain a/)
})
