// WebSocket handshakes by hand: what a broker answers to any request, and a socket for frames that no library writes.

import { type IncomingHttpHeaders, request } from 'node:http'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { after } from 'node:test'

const withinMs = 3_000

export interface UpgradeAddress {
  readonly host: string
  readonly httpPort: number
}

/** What is sent instead of the usual headers; undefined leaves one out. */
export interface UpgradeRequest {
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
}

export interface UpgradeAnswer {
  /** 101 when the protocol was switched. */
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const usual = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AQIDBAUGBwgJCgsMDQ4PEA==',
  'sec-websocket-protocol': 'mqtt',
}

interface Handshake {
  readonly answer: UpgradeAnswer
  readonly socket: Socket | undefined
}

function shake(address: UpgradeAddress, asked: UpgradeRequest): Promise<Handshake> {
  const { promise, resolve, reject } = Promise.withResolvers<Handshake>()
  const merged = { ...usual, ...asked.headers }
  const headers = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined))
  const sent = request({
    host: address.host,
    port: address.httpPort,
    path: asked.path ?? '/mqtt',
    method: asked.method ?? 'GET',
    headers: headers as Record<string, string>,
    timeout: withinMs,
    agent: false,
  })
  sent.on('upgrade', (response, socket: Socket, head) => {
    if (head.length > 0) socket.unshift(head)
    const answer = { status: response.statusCode ?? 0, headers: response.headers, body: '' }
    resolve({ answer, socket })
  })
  sent.on('response', response => {
    const { statusCode: status = 0, headers } = response
    text(response).then(body => resolve({ answer: { status, headers, body }, socket: undefined }), reject)
  })
  sent.on('timeout', () => sent.destroy(new Error(`no answer within ${withinMs} ms`)))
  sent.on('error', reject)
  sent.end()
  return promise
}

/** What the broker answers; an upgraded socket is dropped. Rejects when it answers nothing. */
export async function askUpgrade(
  address: UpgradeAddress,
  asked: UpgradeRequest = {},
): Promise<UpgradeAnswer> {
  const { answer, socket } = await shake(address, asked)
  socket?.destroy()
  return answer
}

export interface UpgradedSocket {
  write(bytes: Uint8Array): void
  /** The next bytes; rejects when the socket ends or stays silent. */
  read(): Promise<Buffer>
  destroy(): void
}

/** A socket that speaks WebSocket from here on, and whose frames are the caller's. */
export async function openUpgraded(address: UpgradeAddress): Promise<UpgradedSocket> {
  const { answer, socket } = await shake(address, {})
  if (socket === undefined) throw new Error(`the handshake was refused with ${answer.status} ${answer.body}`)
  after(() => socket.destroy())
  socket.on('error', () => socket.destroy())
  return {
    write: bytes => socket.write(bytes),
    read: () => nextBytes(socket),
    destroy: () => socket.destroy(),
  }
}

function nextBytes(socket: Socket): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const timer = setTimeout(() => reject(new Error(`nothing arrived within ${withinMs} ms`)), withinMs)
  socket.once('data', bytes => resolve(bytes as Buffer))
  socket.once('close', () => reject(new Error('the socket was closed')))
  return promise.finally(() => clearTimeout(timer))
}
