// Unpacks the newest mosquitto of the machine's own package mirror into a cache folder, without touching the system.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCommand } from '../children.ts'

/** A program with its own libraries: the command runs it under the loader it was built for. */
export type UnpackedProgram = { command: readonly string[] }

const cacheFolder = join(import.meta.dirname, '../../node_modules/.cache/holdfast-bench/mosquitto')
const suite = 'sid'
/** Named for the suite where it exists; elsewhere apt knows its trusted keys itself. */
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
/** Packages that mosquitto needs only to be installed, not to run. */
const notNeededToRun =
  /^(systemd|sysvinit-utils|libsystemd-shared|gcc-.*-base|openssl-provider-legacy|libc-gconv.*)$/

type Mirror = { uri: string; component: string }

/** Null when this machine has no apt, no mirror or no network; then the installed mosquitto has to do. */
export function unpackNewestMosquitto(): UnpackedProgram | null {
  const root = join(cacheFolder, 'root')
  const complete = join(cacheFolder, 'complete')
  if (!existsSync(complete)) {
    const mirror = findMirror()
    if (mirror === null) return null
    try {
      unpack(mirror, root)
    } catch (error) {
      const reason = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error)
      process.stderr.write(`bench: could not fetch mosquitto from the ${suite} suite: ${reason}\n`)
      return null
    }
    writeFileSync(complete, `${suite}\n`)
  }
  return programIn(root)
}

/** The Debian mirror that the machine's own apt sources name. */
function findMirror(): Mirror | null {
  if (!hasCommand('apt-get') || !hasCommand('dpkg-deb')) return null
  const format = '$(LABEL)|$(CREATED_BY)|$(REPO_URI)|$(COMPONENT)'
  const lines = execFileSync('apt-get', ['indextargets', '--format', format], { encoding: 'utf8' }).split(
    '\n',
  )
  for (const line of lines) {
    const [label, createdBy, uri = '', component = ''] = line.split('|')
    if (label === 'Debian' && createdBy === 'Packages') return { uri, component }
  }
  return null
}

function unpack(mirror: Mirror, root: string): void {
  rmSync(cacheFolder, { recursive: true, force: true })
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'debs', 'root']) {
    mkdirSync(join(cacheFolder, folder), { recursive: true })
  }
  const source = [
    'Types: deb',
    `URIs: ${mirror.uri}`,
    `Suites: ${suite}`,
    `Components: ${mirror.component}`,
    ...(existsSync(keyring) ? [`Signed-By: ${keyring}`] : []),
  ]
  writeFileSync(join(cacheFolder, 'suite.sources'), `${source.join('\n')}\n`)
  const options = aptOptions()
  const debs = join(cacheFolder, 'debs')
  run('apt-get', [...options, 'update'])
  run('apt-get', [...options, 'download', ...neededPackages(options)], debs)
  for (const file of readdirSync(debs)) run('dpkg-deb', ['-x', join(debs, file), root])
  for (const folder of libraryFoldersIn(root)) linkLibraries(folder)
  for (const folder of ['state', 'cache', 'debs']) rmSync(join(cacheFolder, folder), { recursive: true })
}

/** Keeps apt's state apart from the system's: own sources, own lists, and a system with nothing installed. */
function aptOptions(): string[] {
  const settings = {
    'Dir::Etc::sourcelist': join(cacheFolder, 'suite.sources'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State': join(cacheFolder, 'state'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': join(cacheFolder, 'cache'),
    'Acquire::Languages': 'none',
    // The unprivileged user that apt switches to could not read a checkout in a home folder.
    'APT::Sandbox::User': 'root',
    'Debug::NoLocking': '1',
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
}

function neededPackages(options: string[]): string[] {
  const plan = run('apt-get', [...options, 'install', '--simulate', '--no-install-recommends', 'mosquitto'])
  return plan
    .split('\n')
    .filter(line => line.startsWith('Inst '))
    .map(line => line.split(' ')[1] as string)
    .filter(name => !notNeededToRun.test(name))
}

function programIn(root: string): UnpackedProgram | null {
  const loader = ['usr/lib64', 'lib64', 'usr/lib', 'lib']
    .map(folder => join(root, folder))
    .filter(existsSync)
    .flatMap(folder =>
      readdirSync(folder)
        .filter(name => name.startsWith('ld-linux'))
        .map(name => join(folder, name)),
    )[0]
  const program = join(root, 'usr/sbin/mosquitto')
  if (loader === undefined || !existsSync(program)) return null
  return { command: [loader, '--library-path', libraryFoldersIn(root).join(':'), program] }
}

function libraryFoldersIn(root: string): string[] {
  return ['usr/lib', 'lib']
    .map(folder => join(root, folder))
    .filter(existsSync)
    .flatMap(folder => readdirSync(folder).map(name => join(folder, name)))
    .filter(folder => folder.endsWith('-linux-gnu'))
}

/** Makes `libx.so.1` for a `libx.so.1.2` that came without, as the installation of a package would. */
function linkLibraries(folder: string): void {
  for (const name of readdirSync(folder)) {
    const short = /^(lib.+\.so\.\d+)\.[\d.]+$/.exec(name)?.[1]
    if (short !== undefined && !existsSync(join(folder, short))) symlinkSync(name, join(folder, short))
  }
}

function run(command: string, args: string[], cwd = cacheFolder): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
