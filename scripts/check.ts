// Runs what needs no broker: types, format and lint, the rules of style, and whether generated pages are fresh.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const checks: readonly {
  readonly name: string
  readonly run: readonly [string, ...string[]]
  readonly hint: string
}[] = [
  { name: 'types', run: ['node_modules/.bin/tsc', '-p', '.'], hint: 'mend what tsc names' },
  {
    name: 'types of the dashboard',
    run: [
      process.execPath,
      'node_modules/svelte-check/bin/svelte-check',
      '--tsconfig',
      'dashboard/tsconfig.json',
      '--fail-on-warnings',
      '--output',
      'human',
    ],
    hint: 'mend what svelte-check names',
  },
  {
    name: 'format and lint',
    run: [
      'node_modules/.bin/biome',
      'ci',
      `--colors=${process.stdout.isTTY ? 'force' : 'off'}`,
      '--error-on-warnings',
      '.',
    ],
    hint: '`npm run format` mends most of it',
  },
  {
    name: 'style and generated pages',
    run: [process.execPath, '--test', '--test-reporter=dot', 'test/tidy.test.ts', 'test/docs.test.ts'],
    hint: 'the rules stand at the top of test/tidy.test.ts; `npm run docs` writes the pages',
  },
]

const failed: string[] = []
for (const { name, run, hint } of checks) {
  const [command, ...args] = run
  const started = performance.now()
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  if (error !== undefined) console.log(error.message)
  console.log(
    `${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)${status === 0 ? '' : `: ${hint}`}`,
  )
  if (status !== 0) failed.push(name)
}
process.exitCode = failed.length === 0 ? 0 : 1
