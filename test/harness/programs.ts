// Finds the programs that some tests use besides Node, and installs them where that is possible.

import { execFile } from 'node:child_process'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

const programs = {
  mosquitto: { candidates: ['mosquitto', '/usr/sbin/mosquitto'], debianPackage: 'mosquitto' },
  mosquitto_pub: { candidates: ['mosquitto_pub'], debianPackage: 'mosquitto-clients' },
  mosquitto_sub: { candidates: ['mosquitto_sub'], debianPackage: 'mosquitto-clients' },
  /** Checks metrics, rules and configuration of Prometheus. */
  promtool: { candidates: ['promtool'], debianPackage: 'prometheus' },
  chromium: { candidates: ['chromium', 'chromium-browser', 'google-chrome'], debianPackage: 'chromium' },
  /** Runs a command on a terminal of its own. */
  script: { candidates: ['script'], debianPackage: 'bsdutils' },
  /** Its path is that of a python3 that can import paho.mqtt.client; Debian's packages are for Debian's own. */
  'python3-paho': { candidates: ['python3', '/usr/bin/python3'], debianPackage: 'python3-paho-mqtt' },
} as const

export type ProgramName = keyof typeof programs
/** `skip` is a sentence that says what to install. */
export type Program = { readonly path: string } | { readonly skip: string }

async function succeeds(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await run(command, args)).stdout.trim()
  } catch (error) {
    // Any failure means the same here: the program is not usable.
    return error instanceof Error ? undefined : String(error)
  }
}

async function findProgram(name: ProgramName): Promise<string | undefined> {
  for (const candidate of programs[name].candidates) {
    const path = await succeeds('/bin/sh', ['-c', 'command -v "$1"', 'sh', candidate])
    if (path === undefined || path === '') continue
    if (name !== 'python3-paho') return path
    if ((await succeeds(path, ['-c', 'import paho.mqtt.client'])) !== undefined) return path
  }
  return undefined
}

const lockDirectory = join(tmpdir(), 'holdfast-install.lock')
const lockWaitMsMax = 300_000
/** A lock older than this was left by a process that ended. */
const lockAgeMsMax = 600_000

/** Test files run in parallel, and apt-get can run only once. */
async function locked<T>(action: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0; !(await tryLock()); waitedMs += 500) {
    if (waitedMs > lockWaitMsMax) throw new Error(`another installation holds ${lockDirectory}`)
    await sleep(500)
  }
  try {
    return await action()
  } finally {
    await rm(lockDirectory, { recursive: true, force: true })
  }
}

async function tryLock(): Promise<boolean> {
  try {
    await mkdir(lockDirectory)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if ((await ageMs(lockDirectory)) > lockAgeMsMax) await rm(lockDirectory, { recursive: true, force: true })
    return false
  }
}

async function ageMs(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Number.NaN
    throw error
  }
}

/** Installs the Debian package; resolves to why it failed, or to undefined. */
async function install(debianPackage: string): Promise<string | undefined> {
  // A failure is remembered for a while, so that not every test file repeats a slow one.
  const failureFile = join(tmpdir(), `holdfast-install-failed-${debianPackage}`)
  if ((await ageMs(failureFile)) < lockAgeMsMax) return 'installing it failed a few minutes ago'
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: lockWaitMsMax }
  try {
    await run('apt-get', ['update', '-q'], options)
    await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', debianPackage], options)
    return undefined
  } catch (error) {
    await writeFile(failureFile, String(error))
    return String(error).split('\n').slice(0, 3).join(' ')
  }
}

/** `{ path }`, or `{ skip }` for the options of a test that cannot run without it. */
export async function requireProgram(name: ProgramName): Promise<Program> {
  const found = await findProgram(name)
  if (found !== undefined) return { path: found }
  const { debianPackage } = programs[name]
  const advice = `${name} is missing: install it, on Debian with "apt-get install ${debianPackage}"`
  const mayInstall = process.getuid?.() === 0 && (await succeeds('apt-get', ['--version'])) !== undefined
  if (!mayInstall) return { skip: advice }
  return locked(async () => {
    const path = await findProgram(name)
    if (path !== undefined) return { path }
    const failure = await install(debianPackage)
    const installed = await findProgram(name)
    return installed === undefined
      ? { skip: `${advice} (${failure ?? 'not found after it'})` }
      : { path: installed }
  })
}
