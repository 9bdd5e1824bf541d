// Builds dashboard/dist/ when it is missing or older than what it is made of; setup.mjs calls it.
// Plain JavaScript for Node 18 and later, as setup.mjs; Vite itself runs under the Node that npm installed.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

/** Times of change say nothing after a checkout, so the contents are compared; reading them takes milliseconds. */
export function isDashboardBuilt(root) {
  const stamp = stampOf(root)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hashOfSources(root)
}

/** Whether it worked; what Vite says goes to stderr when it did not. */
export function buildDashboard(root) {
  console.error('Building the dashboard...')
  const sources = hashOfSources(root)
  const local = join(root, 'node_modules', '.bin', 'node')
  const node = spawnSync(local, ['--version'], { stdio: 'ignore' }).status === 0 ? local : process.execPath
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const built = spawnSync(node, [vite, 'build', 'dashboard', '--logLevel', 'warn'], {
    cwd: root,
    // A NODE_ENV of the caller's would leave development code in the page.
    env: { ...process.env, NODE_ENV: 'production' },
    encoding: 'utf8',
  })
  if (built.status !== 0) {
    console.error(`${built.stdout ?? ''}${built.stderr ?? ''}${built.error?.message ?? ''}`)
    return false
  }
  writeFileSync(stampOf(root), sources)
  return true
}

function stampOf(root) {
  return join(root, 'dashboard', 'dist', '.sources')
}

/** package-lock.json stands for the libraries that go into the page and the tools that put it together. */
function hashOfSources(root) {
  const hash = createHash('sha256')
  const paths = ['package-lock.json', ...filesIn(root, 'shared'), ...filesIn(root, 'dashboard')]
  for (const path of paths.sort()) {
    hash.update(`${path}\0`)
    hash.update(readFileSync(join(root, path)))
  }
  return hash.digest('hex')
}

function filesIn(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = `${folder}/${entry.name}`
    if (path === 'dashboard/dist') return []
    return entry.isDirectory() ? filesIn(root, path) : [path]
  })
}
