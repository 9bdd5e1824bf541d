// A line to a broker's HTTP port that a test can cut and mend, as a train does that goes through a tunnel.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Line {
  /** Where the broker is reached through it. */
  readonly url: string
  /** Ends what goes through it, and lets nothing new through. */
  cut(): void
  mend(): void
  /** Leads there from now on, as where a broker has started anew. */
  lead(httpUrl: string): void
  close(): Promise<void>
}

export async function lineTo(httpUrl: string): Promise<Line> {
  let target = new URL(httpUrl)
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer(near => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect(Number(target.port), target.hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
      // Whoever is cut off hears of it by itself; `close` follows.
      socket.on('error', error => socket.destroy(error))
    }
    near.pipe(far).pipe(near)
  })
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  const end = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true
      end()
    },
    mend: () => {
      isCut = false
    },
    lead: httpUrl => {
      target = new URL(httpUrl)
    },
    close: () => {
      end()
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      return closed.promise
    },
  }
}
