// Makes the checkout ready to run before any npm script: installs what package-lock.json says and builds the
// dashboard, if that is not there.
// Plain JavaScript for Node 18 and later: it runs before the Node that the rest of the checkout uses is installed.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildDashboard, isDashboardBuilt } from './dashboard.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const nodeMin = [22, 18]

// npm passes its own settings on to every npm below it, so `npm --silent test` would silence this one's errors
// and NODE_ENV=production would leave the tools out.
const installArgs = ['ci', '--include=dev', '--loglevel=error', '--no-audit', '--no-fund']

if (!isInstalled() || !isDashboardBuilt(root)) {
  const release = takeLock()
  try {
    // Whoever held the lock before may have done it.
    if (!isInstalled()) install()
    // The broker works without its page, so this one failure does not end everything.
    if (!isDashboardBuilt(root) && !buildDashboard(root)) console.error('The dashboard could not be built.')
  } finally {
    release()
  }
}
requireNode()

/** npm writes down what it installed; each entry must be the one that package-lock.json names. */
function isInstalled() {
  const installed = packagesIn(join(root, 'node_modules', '.package-lock.json'))
  const wanted = packagesIn(join(root, 'package-lock.json'))
  if (installed === undefined || wanted === undefined) return false
  if (Object.keys(installed).some(path => wanted[path] === undefined)) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true
    const found = installed[path]
    // Optional packages for other platforms are not installed.
    if (found === undefined) return entry.optional === true
    return (
      found.version === entry.version && found.integrity === entry.integrity && existsSync(join(root, path))
    )
  })
}

function packagesIn(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined
}

function install() {
  console.error('Installing dependencies (npm ci)...')
  const npm = process.env.npm_execpath
  // The Node that npm itself runs on: the one in node_modules is about to be replaced.
  const [command, ...args] =
    npm !== undefined && /npm-cli\.c?js$/.test(npm)
      ? [process.env.npm_node_execpath ?? process.execPath, npm, ...installArgs]
      : ['npm', ...installArgs]
  const env = { ...process.env, NODE_ENV: 'development' }
  // npm's own output goes to stderr, so that stdout is the script's alone.
  const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 2, 2] })
  if (status === 0) return
  fail([
    `Installing the dependencies failed${error === undefined ? '' : ` (${error.message})`}; the reason stands above.`,
    'Run it by hand in the checkout, then try again:',
    '',
    '  npm ci --include=dev',
  ])
}

/** npm scripts find node_modules/.bin/node first, and the machine's Node where that is missing. */
function requireNode() {
  if (process.execPath.startsWith(join(root, 'node_modules') + sep)) return
  const local = join(root, 'node_modules', '.bin', 'node')
  if (spawnSync(local, ['--version'], { stdio: 'ignore' }).status === 0) return
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1])) return
  fail([
    `This needs Node ${nodeMin.join('.')} or later; this machine's is ${process.versions.node}, and the one that npm installs`,
    'with the dependencies does not work, most likely because npm was told to run no install scripts. Run',
    '',
    '  npm rebuild node --ignore-scripts=false',
    '',
    'or install Node 24, then try again.',
  ])
}

/** Two npm scripts started together must not install into the same folder; the second one waits. */
function takeLock() {
  const path = join(
    tmpdir(),
    `holdfast-setup-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`,
  )
  const own = `${path}.${process.pid}`
  writeFileSync(own, String(process.pid))
  try {
    while (!tryLink(own, path)) {
      if (isStale(path)) rmSync(path, { force: true })
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    }
  } finally {
    rmSync(own, { force: true })
  }
  return () => rmSync(path, { force: true })
}

/** A link appears whole, with the holder's process id in it, or not at all. */
function tryLink(from, to) {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** Whether the process that holds the lock has gone. */
function isStale(path) {
  let holder
  try {
    holder = Number(readFileSync(path, 'utf8'))
    process.kill(holder, 0)
    return false
  } catch (error) {
    // No such file: it was released just now, and the next attempt finds out.
    return error.code === 'ESRCH'
  }
}

function fail(lines) {
  console.error(`\n${lines.join('\n')}\n`)
  process.exit(1)
}
