// Starts the broker of this checkout.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cores, startChild } from '../children.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { readListeners } from './listening-lines.ts'
import { type Found, type Missing, peerLimits, type RunningBroker } from './peer.ts'

const root = join(import.meta.dirname, '../..')
const mainFile = join(root, 'server/main.ts')

export type HoldfastOptions = {
  store: 'memory' | 'embedded'
  /** Folder for the profiles of `--cpu-prof`, or null for a run without. */
  profileFolder: string | null
  /** More arguments for `start`, given as they are. */
  extraArguments: readonly string[]
}

export function findHoldfast(options: HoldfastOptions): Found | Missing {
  if (!existsSync(mainFile)) return { at: 'missing', why: 'server/main.ts is not there' }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return {
    at: 'found',
    version: `${version} (store ${options.store})`,
    start: ({ store = options.store }) => start({ ...options, store }),
  }
}

async function start({ store, profileFolder, extraArguments }: HoldfastOptions): Promise<RunningBroker> {
  const dataFolder = temporaryFolder()
  const settings: Record<string, string | number> = {
    '--host': '127.0.0.1',
    '--mqtt-port': 0,
    '--http-port': 0,
    '--data-dir': dataFolder,
    '--store': store,
    '--queue-messages-max': peerLimits.queueMessages,
    '--queue-bytes-max': peerLimits.queueBytes,
    '--inflight-max': peerLimits.messagesInFlight,
    '--receive-maximum': peerLimits.messagesInFlight,
    '--output-bytes-max': peerLimits.outputBytes,
    '--connections-per-address-max': peerLimits.connectionsPerAddress,
    '--sys-interval': 'off',
  }
  const line = [
    process.execPath,
    ...(profileFolder === null ? [] : ['--cpu-prof', '--cpu-prof-dir', profileFolder]),
    mainFile,
    'start',
    ...Object.entries(settings).flatMap(([name, value]) => [name, String(value)]),
    ...extraArguments,
  ]
  const child = startChild(line, cores?.broker, { stdio: ['ignore', 'pipe', 'inherit'], cwd: dataFolder })
  const { tcpPort, webSocketPort, webSocketPath } = await readListeners(child)
  const processId = child.pid as number
  const target = { host: '127.0.0.1', tcpPort, webSocketPort, webSocketPath, processId }
  return { target, child, command: line.join(' ') }
}
