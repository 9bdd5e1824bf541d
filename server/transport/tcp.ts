// The TCP listener, and a TCP socket as a ByteStream.

import { createServer, type Server, type Socket } from 'node:net'
import type { Admission } from './admission.ts'
import type { Accept, ByteStream, Remote } from './byte-stream.ts'

class TcpStream implements ByteStream {
  readonly remote: Remote
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    this.remote = {
      transport: 'tcp',
      address: socket.remoteAddress ?? '',
      port: socket.remotePort ?? 0,
    }
  }

  get unsentBytes(): number {
    return this.#socket.writableLength
  }

  write(buffers: readonly Buffer[]): void {
    if (buffers.length === 1) {
      this.#socket.write(buffers[0]!)
      return
    }
    this.#socket.cork()
    for (const buffer of buffers) this.#socket.write(buffer)
    this.#socket.uncork()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

/** Listens; rejects when the address cannot be bound. Port 0 picks a free one. */
export async function listenTcp(
  address: { readonly host: string; readonly port: number },
  admission: Admission,
  accept: Accept,
): Promise<Server> {
  const server = createServer({ noDelay: true }, socket => attach(socket, admission, accept))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address.port, address.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return server
}

function attach(socket: Socket, admission: Admission, accept: Accept): void {
  const address = socket.remoteAddress ?? ''
  // Without a handler an error would end the process; 'close' follows each error and is what we act on.
  let detail = 'the peer closed the connection'
  socket.on('error', error => {
    detail = error.message
  })
  if (!admission.enter('tcp', address)) {
    socket.destroy()
    return
  }
  const handler = accept(new TcpStream(socket))
  socket.on('data', chunk => handler.received(chunk as Buffer))
  socket.on('drain', () => handler.drained())
  socket.on('close', () => {
    admission.leave('tcp', address)
    handler.closed(detail)
  })
}
