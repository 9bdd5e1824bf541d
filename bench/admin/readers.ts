// Readers of the live stream: some that keep up, and one that reads nothing.

import { connect, type Socket } from 'node:net'

interface LiveReaders {
  /** Bytes that those have read who read. */
  readonly bytes: number
  end(): void
}

/** Resolves when all of them listen. */
export async function openLiveReaders(
  host: string,
  port: number,
  cookie: string,
  { reading, frozen }: { readonly reading: number; readonly frozen: number },
): Promise<LiveReaders> {
  let bytes = 0
  const sockets: Socket[] = []
  for (let index = 0; index < reading + frozen; index++) {
    const socket = await listen(host, port, cookie)
    sockets.push(socket)
    if (index < reading)
      socket.on('data', chunk => {
        bytes += chunk.length
      })
    else socket.pause()
  }
  return {
    get bytes() {
      return bytes
    },
    end: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}

function listen(host: string, port: number, cookie: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host)
    socket.once('error', reject)
    socket.once('data', chunk => {
      const status = chunk.toString().split('\r\n', 1)[0]
      if (status?.includes(' 200 ') === true) resolve(socket)
      else reject(new Error(`the live stream was refused: ${status}`))
    })
    socket.write(
      `GET /api/v1/events/stream HTTP/1.1\r\nhost: ${host}:${port}\r\ncookie: ${cookie}\r\nsec-fetch-site: same-origin\r\n\r\n`,
    )
  })
}
