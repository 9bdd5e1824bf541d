// Runs the tests, streams their progress, and ends with one line: `N passed, N failed`.

import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { relative, resolve } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'

/** For one file; a test that waits for something that never comes must not hold up the rest for longer. */
const FILE_TIMEOUT_MS = 10 * 60_000

const root = fileURLToPath(new URL('..', import.meta.url))
const inCi = process.env['CI'] === 'true'

// Most of the time of a short test file, and of the start of a broker, went into compiling the same sources once more.
process.env['NODE_COMPILE_CACHE'] ??= resolve(root, 'node_modules/.cache/compile')

const files = testFiles(process.argv.slice(2))
if (files.length === 0) {
  console.log(
    `No test file found${process.argv.length > 2 ? ` for ${process.argv.slice(2).join(' ')}` : ''}.`,
  )
  console.log('0 passed, 1 failed')
  process.exit(1)
}

const counts = { passed: 0, failed: 0, skipped: 0 }
const skippedTests: string[] = []

const events = run({
  files: [...files],
  cwd: root,
  concurrency: availableParallelism(),
  timeout: FILE_TIMEOUT_MS,
})
events.on('test:pass', test => {
  if (test.details.type === 'suite') return
  if (test.skip === undefined && test.todo === undefined) return
  skippedTests.push(`${test.name} (${relative(root, test.file ?? '')})`)
})
events.on('test:summary', summary => {
  // Each file sends its own summary as well; the one without a file is that of the whole run.
  if (summary.file !== undefined) return
  const { tests, passed, skipped, todo } = summary.counts
  counts.passed = passed
  counts.skipped = skipped + todo
  counts.failed = tests - passed - skipped - todo
})
const output = events.compose(spec)
output.pipe(process.stdout, { end: false })
output.on('end', finish)

function finish(): void {
  if (inCi && skippedTests.length > 0) {
    console.log(
      `\nSkipped tests count as failures here:\n${skippedTests.map(name => `  ${name}`).join('\n')}`,
    )
    counts.failed += counts.skipped
    counts.skipped = 0
  }
  const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`
  console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`)
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1
}

/** Files and folders may be named; without any it is all of them. */
function testFiles(filters: readonly string[]): readonly string[] {
  const all = globSync('test/**/*.test.ts', { cwd: root })
    .map(path => resolve(root, path))
    .sort()
  if (filters.length === 0) return all
  const wanted = filters.map(filter => resolve(root, filter))
  return all.filter(path => wanted.some(filter => path === filter || path.startsWith(`${filter}/`)))
}
