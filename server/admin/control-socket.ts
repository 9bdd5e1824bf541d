// The control socket of a running broker: other processes of the same user ask it for what only it can do.
//
// One line of JSON each way: {"do":"backup","directory":"/path"} -> {"ok":true} or {"ok":false,"reason":"..."}
//                           {"do":"setup-link"} -> {"ok":true,"link":"http://..."}

import { chmodSync, lstatSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Log } from '../log.ts'

export const CONTROL_SOCKET_FILE = 'control.sock'
/** What fits into a socket address, less its terminating zero. */
export const SOCKET_PATH_BYTES_MAX = 107
const REQUEST_BYTES_MAX = 65_536
const REQUEST_TIMEOUT_MS = 10_000

export interface ControlHandlers {
  /** Copies the store into the directory, which is made; rejects with what a person can act on. */
  backup(directory: string): Promise<void>
  /** Where an admin is made, once; undefined where no console is served. */
  setupLink(): string | undefined
}

export type ControlRequest =
  | { readonly do: 'backup'; readonly directory: string }
  | { readonly do: 'setup-link' }

export type ControlAnswer =
  | { readonly ok: true; readonly link?: string }
  | { readonly ok: false; readonly reason: string }

export interface ControlSocket {
  close(): Promise<void>
}

/** Must be called by the process that holds the data directory's lock: it replaces the socket of a killed one. */
export async function openControlSocket(
  dataDirectory: string,
  handlers: ControlHandlers,
  log: Log,
): Promise<ControlSocket> {
  const path = join(dataDirectory, CONTROL_SOCKET_FILE)
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serve(socket, handlers)
  })
  const problem = (await placeProblem(path)) ?? (await listenPrivately(server, path))
  if (problem !== undefined) {
    log.warn('no control socket: `holdfast store backup` needs this broker stopped', { reason: problem })
    return { close: async () => undefined }
  }
  server.unref()
  return {
    close: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Why no socket can be made there; a stale socket is none. */
async function placeProblem(path: string): Promise<string | undefined> {
  const bytes = Buffer.byteLength(path)
  if (bytes > SOCKET_PATH_BYTES_MAX)
    return `its path would have ${bytes} bytes, and ${SOCKET_PATH_BYTES_MAX} are the most: choose a shorter data-dir`
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  if (!found.isSocket()) return `${path} is there, and is no socket`
  return (await isServed(path)) ? `another process serves ${path}` : undefined
}

function isServed(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** Says why it cannot. The mask makes it private from the first moment: the directory may be open to others. */
async function listenPrivately(server: Server, path: string): Promise<string | undefined> {
  rmSync(path, { force: true })
  const mask = process.umask(0o177)
  try {
    const listening = new Promise<void>((resolve, reject) => {
      server.once('listening', resolve)
      server.once('error', reject)
    })
    server.listen(path)
    await listening
    chmodSync(path, 0o600)
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    process.umask(mask)
  }
}

function serve(socket: Socket, handlers: ControlHandlers): void {
  let received = ''
  socket.setEncoding('utf8')
  socket.setTimeout(REQUEST_TIMEOUT_MS, () => socket.destroy())
  // Whoever asked has gone; nobody else needs to know.
  socket.on('error', () => socket.destroy())
  const onData = (text: string): void => {
    received += text
    const end = received.indexOf('\n')
    if (end < 0 && received.length <= REQUEST_BYTES_MAX) return
    socket.off('data', onData)
    socket.setTimeout(0)
    void answer(end < 0 ? '' : received.slice(0, end), handlers).then(given =>
      socket.end(`${JSON.stringify(given)}\n`),
    )
  }
  socket.on('data', onData)
}

async function answer(text: string, handlers: ControlHandlers): Promise<ControlAnswer> {
  const request = requestOf(text)
  if (request === undefined) return { ok: false, reason: 'this broker does not know that request' }
  if (request.do === 'setup-link') {
    const link = handlers.setupLink()
    if (link !== undefined) return { ok: true, link }
    return {
      ok: false,
      reason: 'the broker serves no console: admin is off, or http-port is and there is no admin-port',
    }
  }
  try {
    await handlers.backup(request.directory)
    return { ok: true }
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) }
  }
}

function requestOf(text: string): ControlRequest | undefined {
  let request: unknown
  try {
    request = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  if (typeof request !== 'object' || request === null) return undefined
  const { do: what, directory } = request as { do?: unknown; directory?: unknown }
  if (what === 'setup-link') return { do: what }
  const isBackup = what === 'backup' && typeof directory === 'string' && directory.startsWith('/')
  return isBackup ? { do: what, directory } : undefined
}

/** Asks the broker behind a socket; undefined when none is there. Rejects when it ends without an answer. */
export function askControlSocket(
  dataDirectory: string,
  request: ControlRequest,
): Promise<ControlAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(join(dataDirectory, CONTROL_SOCKET_FILE))
    let received = ''
    let isConnected = false
    socket.setEncoding('utf8')
    socket.once('connect', () => {
      isConnected = true
      socket.write(`${JSON.stringify(request)}\n`)
    })
    socket.on('data', (text: string) => {
      received += text
    })
    socket.once('error', error => (isConnected ? reject(error) : resolve(undefined)))
    socket.once('end', () => {
      if (received.endsWith('\n')) resolve(JSON.parse(received) as ControlAnswer)
      else reject(new Error('the broker ended before it answered'))
    })
  })
}
