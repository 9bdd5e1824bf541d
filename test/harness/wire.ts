// The two ways a raw test client reaches a broker: bytes over TCP, and bytes in WebSocket messages.

import { once } from 'node:events'
import { connect } from 'node:net'
import { WebSocket } from 'ws'

/** How a network connection ended; `detail` is for failure messages. */
export interface Ending {
  readonly how: 'end' | 'reset' | 'websocket-close' | 'undecodable'
  readonly detail: string
  /** The WebSocket close code, 1006 when the connection ended without one. */
  readonly closeCode?: number
}

export interface WireListener {
  bytes(chunk: Buffer): void
  ended(ending: Ending): void
}

export interface WebSocketOptions {
  /** Sub-protocols to offer, `['mqtt']` unless given; an empty list offers none. */
  readonly subProtocols?: readonly string[]
  readonly origin?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Offers permessage-deflate; off unless asked for. */
  readonly compression?: boolean
  /** Instead of the broker's own WebSocket address. */
  readonly url?: string
}

/** One open network connection. */
export interface Wire {
  write(bytes: Uint8Array): void
  /** Over WebSocket: a text message; over TCP: the same bytes as any others. */
  writeText(text: string): void
  /** Over WebSocket: one frame of a message that goes on until `last`; over TCP: a plain write. */
  writeFragment(bytes: Uint8Array, position: 'more' | 'last'): void
  end(): void
  reset(): void
  pause(): void
  resume(): void
}

export async function openTcp(port: number, host: string, listener: WireListener): Promise<Wire> {
  const socket = connect({ port, host, noDelay: true })
  await once(socket, 'connect')
  socket.on('data', chunk => listener.bytes(chunk))
  socket.on('end', () => listener.ended({ how: 'end', detail: 'the connection was ended' }))
  socket.on('error', error => listener.ended({ how: 'reset', detail: error.message }))
  socket.on('close', () => listener.ended({ how: 'end', detail: 'the connection was closed' }))
  return {
    write: bytes => socket.write(bytes),
    writeText: text => socket.write(text),
    writeFragment: bytes => socket.write(bytes),
    end: () => socket.end(),
    reset: () => {
      // A reset while the end is under way fails with EINVAL and leaves Node spinning (seen with 24.21).
      if (socket.writableEnded || socket.readableEnded) socket.destroy()
      else socket.resetAndDestroy()
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  }
}

export async function openWebSocket(
  url: string,
  options: WebSocketOptions,
  listener: WireListener,
): Promise<Wire> {
  const socket = new WebSocket(options.url ?? url, [...(options.subProtocols ?? ['mqtt'])], {
    perMessageDeflate: options.compression ?? false,
    ...(options.origin === undefined ? {} : { origin: options.origin }),
    ...(options.headers === undefined ? {} : { headers: options.headers }),
  })
  // Listening starts before the handshake ends, because the first message may come in the same segment.
  socket.on('message', (data, isBinary) => {
    if (!isBinary) listener.ended({ how: 'undecodable', detail: `the broker sent a text message: ${data}` })
    else if (Buffer.isBuffer(data)) listener.bytes(data)
  })
  await once(socket, 'open')
  socket.on('error', error => listener.ended({ how: 'reset', detail: error.message }))
  socket.on('close', (closeCode, reason) =>
    listener.ended({ how: 'websocket-close', detail: `close code ${closeCode} ${reason}`.trim(), closeCode }),
  )
  return {
    write: bytes => socket.send(bytes),
    writeText: text => socket.send(text),
    writeFragment: (bytes, position) => socket.send(bytes, { binary: true, fin: position === 'last' }),
    end: () => socket.close(),
    reset: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  }
}
