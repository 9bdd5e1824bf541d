// A TCP proxy before the broker that loses bytes in one direction and cuts connections, as bad networks do.

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { after } from 'node:test'
import type { Address } from '../harness/raw-client.ts'

type Direction = 'to-broker' | 'to-client'

interface Link {
  readonly client: Socket
  readonly broker: Socket
  /** What is swallowed instead of being passed on. */
  muted: Direction | 'nothing'
}

export class CutProxy implements Address {
  readonly #server: Server
  readonly #links = new Set<Link>()
  #refused = 0

  private constructor(server: Server) {
    this.#server = server
  }

  /** Listens until the end of the test; `port` is the broker's, of whichever transport. */
  static async before(broker: { readonly host: string; readonly port: number }): Promise<CutProxy> {
    const server = createServer()
    const proxy = new CutProxy(server)
    server.on('connection', client => proxy.#link(client, connect(broker.port, broker.host)))
    const listening = Promise.withResolvers<void>()
    server.listen(0, '127.0.0.1', listening.resolve)
    await listening.promise
    after(() => {
      proxy.cut()
      server.close()
    })
    return proxy
  }

  get host(): string {
    return '127.0.0.1'
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get websocketUrl(): string {
    return `ws://${this.host}:${this.port}/mqtt`
  }

  /** Connections there are now lose what is sent in this direction; later ones do not. */
  mute(direction: Direction): void {
    for (const link of this.#links) link.muted = direction
  }

  /** Drops all connections; clients may come back at once. */
  cut(): void {
    for (const link of this.#links) {
      link.client.destroy()
      link.broker.destroy()
    }
  }

  /** The next connections are dropped as soon as they are made. */
  refuse(count: number): void {
    this.#refused = count
  }

  #link(client: Socket, broker: Socket): void {
    const link: Link = { client, broker, muted: 'nothing' }
    this.#links.add(link)
    const end = (): void => {
      this.#links.delete(link)
      client.destroy()
      broker.destroy()
    }
    for (const socket of [client, broker]) {
      socket.setNoDelay(true)
      socket.on('error', end)
      socket.on('close', end)
    }
    client.on('data', chunk => {
      if (link.muted !== 'to-broker') broker.write(chunk)
    })
    broker.on('data', chunk => {
      if (link.muted !== 'to-client') client.write(chunk)
    })
    if (this.#refused > 0) {
      this.#refused--
      end()
    }
  }
}
