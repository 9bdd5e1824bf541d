// Drives Eclipse Paho for Python in a process of its own, over lines of JSON.

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ProtocolVersion } from '../../server/protocol/packet.ts'
import type { Address } from '../harness/raw-client.ts'
import {
  type ClientEvent,
  type Command,
  type ConnectRequest,
  DrivenClient,
  type Driver,
} from './driven-client.ts'

type Line =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: string }
  | (ClientEvent & { readonly client: string })

interface ConnectCommand extends Required<Omit<ConnectRequest, 'address'>> {
  readonly do: 'connect'
  readonly host: string
  readonly port: number
  readonly protocolVersion: ProtocolVersion
  readonly transport: 'tcp' | 'websockets'
}

/** One Python process; it holds all clients of a test file and ends with its input. */
export class PahoPython {
  readonly #process: ChildProcess
  readonly #clients = new Map<string, DrivenClient>()
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>()
  #lastId = 0

  constructor(python: string) {
    const script = join(import.meta.dirname, 'paho_driver.py')
    this.#process = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#process.stdout! }).on('line', line =>
      this.#onLine(JSON.parse(line) as Line),
    )
    this.#process.once('close', code => {
      for (const { reject } of this.#pending.values()) reject(new Error(`Python ended with code ${code}`))
    })
  }

  end(): void {
    this.#process.kill()
  }

  async connect(
    request: ConnectRequest & { readonly address: Address },
    protocolVersion: ProtocolVersion,
    transport: Driver['transport'],
  ): Promise<DrivenClient> {
    const { address, clientId, clean, reconnect = false, sessionExpirySeconds = clean ? 0 : 600 } = request
    const { host } = address
    const port = transport === 'tcp' ? address.port : Number(new URL(address.websocketUrl).port)
    const client = `client-${this.#clients.size}`
    const driven = new DrivenClient(command => this.#request(client, command))
    this.#clients.set(client, driven)
    await this.#request(client, {
      do: 'connect',
      ...{ host, port, clientId, clean, reconnect, sessionExpirySeconds, protocolVersion },
      transport: transport === 'tcp' ? 'tcp' : 'websockets',
    })
    return driven
  }

  #request(client: string, command: Command | ConnectCommand): Promise<unknown> {
    const id = ++this.#lastId
    const pending = Promise.withResolvers<unknown>()
    this.#pending.set(id, pending)
    this.#process.stdin!.write(`${JSON.stringify({ id, client, ...command })}\n`)
    return pending.promise
  }

  #onLine(line: Line): void {
    if ('event' in line) {
      const { client, ...event } = line
      this.#clients.get(client)?.onEvent(event)
      return
    }
    const pending = this.#pending.get(line.id)
    this.#pending.delete(line.id)
    if ('error' in line) pending?.reject(new Error(line.error))
    else pending?.resolve(line.answer)
  }
}
