// Finds free ports for brokers that cannot choose one themselves, and waits until they listen.
import { createConnection, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const readyTimeoutMs = 10_000
const retryDelayMs = 20

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

/** Throws when nothing listens in time, or when `hasEnded` says that the broker is gone. */
export async function waitForPort(port: number, hasEnded: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + readyTimeoutMs
  while (performance.now() < giveUpAt && !hasEnded()) {
    if (await listens(port)) return
    await sleep(retryDelayMs)
  }
  throw new Error(`nothing listens on port ${port}`)
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
