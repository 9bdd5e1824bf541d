// A small web site for pages under test: what is put on it, on an origin that is not the broker's.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Content {
  readonly type: 'text/html' | 'text/javascript'
  readonly body: string
}

export interface Site {
  readonly port: number
  /** Of the address it listens on; the browser may know it under other names. */
  readonly origin: string
  /** Puts a page or script at this path, or replaces it. */
  put(path: string, content: Content): void
  close(): void
}

/** On a free port of this machine. */
export async function openSite(): Promise<Site> {
  const contents = new Map<string, Content>()
  const server = createServer((request, response) => {
    const content = contents.get(new URL(request.url ?? '/', 'http://site').pathname)
    if (content === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': `${content.type}; charset=utf-8` }).end(content.body)
  })
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  const { port } = server.address() as AddressInfo
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    put: (path, content) => contents.set(path, content),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
