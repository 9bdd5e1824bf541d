// Reads the live stream of the admin API, and waits for what is to come in it.

import assert from 'node:assert/strict'
import type { AdminClient } from './admin-client.ts'

export interface LiveMessage {
  readonly event: string
  readonly id: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: tests look at it as they expect it to be.
  readonly data: any
}

const WITHIN_MS = 10_000

export class LiveReader {
  readonly messages: LiveMessage[] = []
  /** Once the broker has ended the stream. */
  readonly ended: Promise<void>
  readonly #abort = new AbortController()
  #arrived = Promise.withResolvers<void>()

  private constructor(body: ReadableStream<Uint8Array>, abort: AbortController) {
    this.#abort = abort
    this.ended = this.#read(body)
  }

  static async open(
    client: AdminClient,
    query: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<LiveReader> {
    const abort = new AbortController()
    const response = await fetch(`${client.base}/events/stream?${query}`, {
      headers: { ...client.headers, ...headers },
      signal: abort.signal,
    })
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
    return new LiveReader(response.body!, abort)
  }

  /** The id of the newest message that had one: what a browser sends when it comes back. */
  get lastId(): string {
    return this.messages.findLast(message => message.id !== undefined)?.id ?? ''
  }

  /** The first message that fits, also of those that have come already. */
  async next(fits: (message: LiveMessage) => boolean, what: string): Promise<LiveMessage> {
    const deadline = Date.now() + WITHIN_MS
    for (;;) {
      const found = this.messages.find(fits)
      if (found !== undefined) return found
      const left = deadline - Date.now()
      assert.ok(left > 0, `${what} has not come; there were ${JSON.stringify(this.messages).slice(0, 2_000)}`)
      let timer: NodeJS.Timeout | undefined
      await Promise.race([this.#arrived.promise, new Promise(resolve => (timer = setTimeout(resolve, left)))])
      clearTimeout(timer)
    }
  }

  event(name: string): Promise<LiveMessage> {
    return this.next(message => message.event === name, name)
  }

  close(): void {
    this.#abort.abort()
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    let rest = ''
    try {
      for await (const chunk of body) {
        const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
        rest = parts.pop() ?? ''
        for (const part of parts) this.#take(part)
      }
    } catch (error) {
      // The test has closed it, or the broker was killed.
      if (!this.#abort.signal.aborted && !(error instanceof TypeError)) throw error
    }
  }

  #take(text: string): void {
    const lines = text.split('\n').map(line => /^(\w+): ?(.*)$/.exec(line))
    const value = (name: string): string | undefined => lines.find(line => line?.[1] === name)?.[2]
    const event = value('event')
    if (event === undefined) return
    this.messages.push({ event, id: value('id'), data: JSON.parse(value('data') ?? 'null') })
    this.#arrived.resolve()
    this.#arrived = Promise.withResolvers()
  }
}
