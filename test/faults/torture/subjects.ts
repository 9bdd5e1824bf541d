// The brokers that can be tortured, each with what it needs to keep as much as it can.

import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCommand } from '../../../bench/children.ts'
import { unpackNewestMosquitto } from '../../../bench/peers/mosquitto-package.ts'

export const peers = ['holdfast', 'mosquitto', 'mosquitto-sqlite', 'mosquitto-sqlite-full'] as const
export type PeerName = (typeof peers)[number]

export const durabilities = ['sync', 'os', 'memory'] as const
export type Durability = (typeof durabilities)[number]

export interface Subject {
  /** With version and settings, as it stands in a report. */
  readonly title: string
  /** Where it publishes how many messages its queues hold; not all tell that. */
  readonly queuedTopic: string | undefined
  command(port: number, dataDirectory: string): readonly string[]
}

export interface Unavailable {
  readonly why: string
}

const repository = join(import.meta.dirname, '../../..')

export function findSubject(peer: PeerName, durability: Durability): Subject | Unavailable {
  if (peer === 'holdfast') return holdfast(durability)
  const unpacked = unpackNewestMosquitto()
  const installed = ['mosquitto', '/usr/sbin/mosquitto'].find(hasCommand)
  const command = unpacked?.command ?? (installed === undefined ? undefined : [installed])
  if (command === undefined) return { why: 'mosquitto is not installed, and could not be fetched' }
  if (peer === 'mosquitto') return mosquitto(command, 'persistence true', ['persistence true'])
  const plugin = pluginBeside(command)
  if (plugin === undefined) return { why: 'the package of mosquitto has no mosquitto_persist_sqlite.so' }
  const lines = [`plugin ${plugin}`]
  if (peer === 'mosquitto-sqlite') return mosquitto(command, 'persist-sqlite, its defaults', lines)
  const options = ['plugin_opt_sync full', 'plugin_opt_flush_period 0']
  return mosquitto(command, 'persist-sqlite, sync full, flush_period 0', [...lines, ...options])
}

function holdfast(durability: Durability): Subject {
  const settings = {
    store: 'embedded',
    durability,
    'http-port': 'off',
    'queue-messages-max': 1_000_000,
    'queue-bytes-max': '1GiB',
    'sys-interval': '500ms',
    'log-format': 'json',
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  return {
    title: `holdfast, --durability ${durability}`,
    queuedTopic: '$SYS/broker/store/messages/count',
    command: (port, dataDirectory) => [
      process.execPath,
      join(repository, 'server/main.ts'),
      'start',
      ...flags,
      '--mqtt-port',
      String(port),
      '--data-dir',
      dataDirectory,
    ],
  }
}

function mosquitto(command: readonly string[], what: string, persistence: readonly string[]): Subject {
  const [file = '', ...args] = command
  const help = spawnSync(file, [...args, '-h'], { encoding: 'utf8' }).stdout
  const version = /mosquitto version (\S+)/.exec(help)?.[1] ?? 'of unknown version'
  return {
    title: `mosquitto ${version}, ${what}`,
    queuedTopic: undefined,
    command: (port, dataDirectory) => {
      const config = `${dataDirectory}.conf`
      const lines = [
        // Started by root it would give up root, and then could not read its own folder.
        'user root',
        `listener ${port} 127.0.0.1`,
        'allow_anonymous true',
        'max_queued_messages 0',
        'max_queued_bytes 0',
        'log_dest stderr',
        'log_type error',
        'sys_interval 1',
        'set_tcp_nodelay true',
        `persistence_location ${dataDirectory}/`,
        ...persistence,
      ]
      writeFileSync(config, `${lines.join('\n')}\n`)
      return [...command, '-c', config]
    },
  }
}

/** The package puts its plugins beside its libraries. */
function pluginBeside(command: readonly string[]): string | undefined {
  const folders = command.flatMap(part => part.split(':')).filter(part => part.startsWith('/'))
  return [...folders, '/usr/lib/x86_64-linux-gnu']
    .map(folder => join(folder, 'mosquitto/mosquitto_persist_sqlite.so'))
    .find(existsSync)
}
