// Starts aedes, the broker library, in a process of its own.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cores, startChild } from '../children.ts'
import { readListeners } from './listening-lines.ts'
import type { Found, Missing, Needs, RunningBroker } from './peer.ts'

const packageFile = join(import.meta.dirname, '../../node_modules/aedes/package.json')
const serverFile = join(import.meta.dirname, 'aedes-server.ts')

export function findAedes(): Found | Missing {
  try {
    const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }
    return { at: 'found', version, start }
  } catch (error) {
    return { at: 'missing', why: `aedes is not installed: ${String(error)}` }
  }
}

async function start({ favours }: Needs): Promise<RunningBroker> {
  const line = [process.execPath, serverFile, favours]
  const child = startChild(line, cores?.broker, { stdio: ['ignore', 'pipe', 'inherit'] })
  const { tcpPort, webSocketPort, webSocketPath } = await readListeners(child)
  const processId = child.pid as number
  const target = { host: '127.0.0.1', tcpPort, webSocketPort, webSocketPath, processId }
  return { target, child, command: line.join(' ') }
}
