// Compiles the server to dist/ and puts the built dashboard beside it, for the npm package, whose users need neither
// TypeScript nor a build.

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const entry = `${root}dist/server/main.js`

rmSync(`${root}dist`, { recursive: true, force: true })
const { status } = spawnSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], {
  cwd: root,
  // npm pack prints the package's name on stdout, and some read it there.
  stdio: ['ignore', 2, 2],
})
if (status !== 0) process.exit(1)

// The sources need none: they start with their responsibility, and run through `node`.
writeFileSync(entry, `#!/usr/bin/env node\n${readFileSync(entry, 'utf8')}`)
chmodSync(entry, 0o755)

// setup.mjs has built it, as before every npm script.
if (!existsSync(`${root}dashboard/dist/index.html`)) {
  console.error('The dashboard is missing: run "node scripts/setup.mjs" and see why it cannot be built.')
  process.exit(1)
}
cpSync(`${root}dashboard/dist`, `${root}dist/dashboard`, {
  recursive: true,
  filter: path => !path.endsWith('.sources'),
})
