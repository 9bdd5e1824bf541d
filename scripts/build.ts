// Compiles the server to dist/ for the npm package, whose users need neither TypeScript nor a build.

import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
