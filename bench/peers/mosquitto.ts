// Starts mosquitto as it does best: no log, nothing on disk, limits out of the way.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cores, hasCommand, startChild } from '../children.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { unpackNewestMosquitto } from './mosquitto-package.ts'
import { type Found, type Missing, type Needs, peerLimits, type RunningBroker } from './peer.ts'
import { freePort, waitForPort } from './port.ts'

export type MosquittoChoice = 'newest' | 'installed'

export function findMosquitto(choice: MosquittoChoice): Found | Missing {
  const unpacked = choice === 'newest' ? unpackNewestMosquitto() : null
  const installed = ['mosquitto', '/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find(hasCommand)
  const candidates: (readonly string[])[] = []
  if (unpacked !== null) candidates.push(unpacked.command)
  if (installed !== undefined) candidates.push([installed])
  for (const command of candidates) {
    const version = versionOf(command)
    if (version !== null) return { at: 'found', version, start: ({ favours }) => start(command, favours) }
  }
  return { at: 'missing', why: 'none is installed that runs, and none could be fetched' }
}

/** It has no flag for its version, but the first line of its help names it. */
function versionOf(command: readonly string[]): string | null {
  const [file = '', ...args] = command
  const help = spawnSync(file, [...args, '-h'], { encoding: 'utf8' })
  const version = /mosquitto version (\S+)/.exec(help.stdout ?? '')?.[1]
  if (version === undefined) process.stderr.write(`bench: ${file} does not run: ${help.stderr}\n`)
  return version ?? null
}

async function start(command: readonly string[], favours: Needs['favours']): Promise<RunningBroker> {
  const tcpPort = await freePort()
  const webSocketPort = await freePort()
  const configFile = join(temporaryFolder(), 'mosquitto.conf')
  writeFileSync(configFile, configuration(tcpPort, webSocketPort, favours))
  const line = [...command, '-c', configFile]
  const child = startChild(line, cores?.broker, { stdio: 'ignore' })
  const hasEnded = (): boolean => child.exitCode !== null
  await waitForPort(tcpPort, hasEnded)
  await waitForPort(webSocketPort, hasEnded)
  const processId = child.pid as number
  const target = { host: '127.0.0.1', tcpPort, webSocketPort, webSocketPath: '/mqtt', processId }
  return { target, child, command: line.join(' ') }
}

function configuration(tcpPort: number, webSocketPort: number, favours: Needs['favours']): string {
  return [
    // Started by root it would give up root, and then could not read its own folder.
    'user root',
    'persistence false',
    'log_dest none',
    'sys_interval 0',
    // Off is the default and halves its CPU when it is saturated; but then an answer may wait for 40 ms.
    `set_tcp_nodelay ${favours === 'latency'}`,
    `max_inflight_messages ${peerLimits.messagesInFlight}`,
    `max_queued_messages ${peerLimits.queueMessages}`,
    'max_queued_bytes 0',
    `listener ${tcpPort} 127.0.0.1`,
    'allow_anonymous true',
    `listener ${webSocketPort} 127.0.0.1`,
    'protocol websockets',
    '',
  ].join('\n')
}
