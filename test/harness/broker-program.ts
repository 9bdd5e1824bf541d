// The two broker programs the black-box tests can run against, and how each says that it is ready.

import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Settings = Readonly<Record<string, string | number | boolean>>

/** One line of the log; a line that is not JSON has its text in `msg`. */
export interface LogLine {
  readonly level?: unknown
  readonly msg?: unknown
  readonly listener?: unknown
  readonly url?: unknown
  readonly mqttUrl?: unknown
  readonly [field: string]: unknown
}

/** Where a running broker listens. */
export interface Endpoints {
  readonly host: string
  readonly port: number
  readonly httpPort: number
  readonly url: string
  readonly websocketUrl: string
}

export interface LaunchRequest {
  readonly settings: Settings
  readonly dataDirectory: string
  /** The ports of the run before a restart, so that clients find the broker where it was. */
  readonly endpoints: Endpoints | undefined
}

export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  /** Called with all lines logged so far; undefined until the broker is ready. */
  readonly readEndpoints: (logs: readonly LogLine[]) => Endpoints | undefined
}

export type BrokerTarget = 'holdfast' | 'mosquitto'

export function brokerTarget(): BrokerTarget {
  const { SPEC_TARGET: target = 'holdfast' } = process.env
  if (target !== 'holdfast' && target !== 'mosquitto') throw new Error(`unknown SPEC_TARGET: ${target}`)
  return target
}

const mainFile = fileURLToPath(new URL('../../server/main.ts', import.meta.url))

export function launchHoldfast(request: LaunchRequest): Launch {
  const settings: Settings = {
    'mqtt-port': request.endpoints?.port ?? 0,
    'http-port': request.endpoints?.httpPort ?? 0,
    'data-dir': request.dataDirectory,
    ...request.settings,
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  return { command: process.execPath, args: [mainFile, 'start', ...flags], readEndpoints: holdfastEndpoints }
}

function holdfastEndpoints(logs: readonly LogLine[]): Endpoints | undefined {
  if (!logs.some(line => line.msg === 'ready')) return undefined
  const listening = (listener: string): LogLine => {
    const line = logs.find(line => line.msg === 'listening' && line.listener === listener)
    if (line === undefined) throw new Error(`the broker is ready but logged no ${listener} listener`)
    return line
  }
  const url = new URL(String(listening('tcp').url))
  const http = listening('http')
  return {
    host: url.hostname,
    port: Number(url.port),
    httpPort: Number(new URL(String(http.url)).port),
    url: String(url),
    websocketUrl: String(http.mqttUrl),
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return address.port
}

export async function launchMosquitto(request: LaunchRequest): Promise<Launch> {
  const host = '127.0.0.1'
  const port = request.endpoints?.port ?? (await freePort())
  const httpPort = request.endpoints?.httpPort ?? (await freePort())
  const lines = [
    `listener ${port} ${host}`,
    `listener ${httpPort} ${host}`,
    'protocol websockets',
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${request.dataDirectory}/`,
    'max_inflight_messages 20',
    'max_queued_messages 1000',
    'log_dest stderr',
    `user ${userInfo().username}`,
  ]
  const configFile = join(request.dataDirectory, 'mosquitto.conf')
  await writeFile(configFile, `${lines.join('\n')}\n`)
  const url = `mqtt://${host}:${port}`
  const endpoints = { host, port, httpPort, url, websocketUrl: `ws://${host}:${httpPort}/mqtt` }
  return {
    command: '/usr/sbin/mosquitto',
    args: ['-c', configFile],
    readEndpoints: logs => (logs.some(line => String(line.msg).endsWith(' running')) ? endpoints : undefined),
  }
}
