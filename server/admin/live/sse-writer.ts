// Writes server-sent events to one response, and knows when its reader does not keep up.

import type { ServerResponse } from 'node:http'
import { every, type Millis } from '../../clock.ts'

/** Proxies end what is silent for longer. */
const HEARTBEAT_MS: Millis = 15_000
/** How long a browser waits before it comes again. */
const RETRY_MS = 2_000

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // nginx would gather events until there are enough for it.
  'x-accel-buffering': 'no',
} as const

export class SseWriter {
  readonly #response: ServerResponse
  readonly #stopHeartbeat: () => void
  #isFull = false

  /** `drained` is called when a reader that did not keep up has taken what there was, `closed` when it has gone. */
  constructor(response: ServerResponse, hears: { drained(): void; closed(): void }) {
    this.#response = response
    response.writeHead(200, headers)
    this.#write(`retry: ${RETRY_MS}\n\n`)
    response.on('drain', () => {
      this.#isFull = false
      hears.drained()
    })
    response.on('close', () => {
      this.#stopHeartbeat()
      hears.closed()
    })
    this.#stopHeartbeat = every(HEARTBEAT_MS, () => {
      // Whoever does not read needs no sign of life.
      if (!this.#isFull) this.#write(': heartbeat\n\n')
    })
  }

  /** What was written has not left yet: nothing more is to be made for this reader. */
  get isFull(): boolean {
    return this.#isFull
  }

  send(name: string, id: string | undefined, data: unknown): void {
    const idLine = id === undefined ? '' : `id: ${id}\n`
    this.#write(`event: ${name}\n${idLine}data: ${JSON.stringify(data)}\n\n`)
  }

  end(): void {
    this.#response.end()
  }

  #write(text: string): void {
    if (this.#response.writableEnded) return
    if (!this.#response.write(text)) this.#isFull = true
  }
}
