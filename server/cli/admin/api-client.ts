// Talks HTTP to the admin API of a broker.

import type { Clock } from '../../clock.ts'
import { ulid } from '../../random.ts'
import { ApiProblem, parseProblem } from './api-answer.ts'
import { CliProblem } from './cli-problem.ts'
import { type ServerEvent, serverEvents } from './event-stream.ts'
import type { Target } from './profile.ts'

/** A broker that says nothing for so long is not going to. */
const ANSWER_WITHIN_MS = 30_000
/** A million sessions take about a minute. */
const DOWNLOAD_WITHIN_MS = 600_000
/** What one page of a list may hold. */
export const PAGE_ROWS_MAX = 1_000

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface Sent {
  readonly query?: Query
  readonly body?: unknown
  readonly ifMatch?: string
  readonly reason?: string | undefined
}

export interface Answer {
  readonly status: number
  /** Parsed; undefined when there was none. */
  readonly body: unknown
  readonly etag: string | undefined
  readonly location: string | undefined
}

/** What a list answers with. */
interface Page {
  readonly data: readonly unknown[]
  readonly page: { readonly next?: string | null; readonly hasMore: boolean; readonly total?: number | null }
}

export interface Listed {
  readonly rows: readonly unknown[]
  readonly total: number | undefined
  readonly hasMore: boolean
}

export class ApiClient {
  readonly #target: Target
  readonly #clock: Clock

  constructor(target: Target, clock: Clock) {
    this.#target = target
    this.#clock = clock
  }

  get url(): string {
    return this.#target.url.href.replace(/\/$/, '')
  }

  /** `path` is below /api/v1, its segments made with `pathSegment`. Throws CliProblem for everything but success. */
  get(path: string, query: Query = {}): Promise<Answer> {
    return this.send('GET', path, { query })
  }

  async send(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    const response = await this.#fetch(method, path, sent, AbortSignal.timeout(ANSWER_WITHIN_MS))
    const text = await this.#reading(() => response.text())
    if (!response.ok) throw this.#refusal(response, text)
    const { headers, status } = response
    return {
      status,
      body: this.#parse(response, text),
      etag: headers.get('etag') ?? undefined,
      location: headers.get('location') ?? undefined,
    }
  }

  /** At most `limit` rows of a list, as many pages as that takes. */
  async list(path: string, query: Query, limit: number): Promise<Listed> {
    const rows: unknown[] = []
    let total: number | undefined
    let cursor: string | undefined
    for (;;) {
      const wanted = Math.min(PAGE_ROWS_MAX, limit - rows.length)
      const { body } = await this.get(path, { ...query, limit: wanted, cursor })
      const { data, page } = body as Page
      for (const row of data) rows.push(row)
      total ??= page.total ?? undefined
      cursor = page.next ?? undefined
      const hasMore = page.hasMore && cursor !== undefined
      if (!hasMore || rows.length >= limit) return { rows, total, hasMore }
    }
  }

  /** All rows one after the other; what has been given is not kept. */
  async *rows(path: string, query: Query): AsyncIterable<unknown> {
    let cursor: string | undefined
    do {
      const { body } = await this.get(path, { ...query, limit: PAGE_ROWS_MAX, cursor })
      const { data, page } = body as Page
      yield* data
      cursor = page.hasMore ? (page.next ?? undefined) : undefined
    } while (cursor !== undefined)
  }

  /** What the API streams as a file, in pieces. */
  async *download(path: string, query: Query): AsyncIterable<string> {
    const signal = AbortSignal.timeout(DOWNLOAD_WITHIN_MS)
    const response = await this.#fetch('GET', path, { query }, signal, { accept: '*/*' })
    if (!response.ok) throw this.#refusal(response, await this.#reading(() => response.text()))
    const reader = response.body?.getReader()
    if (reader === undefined) return
    const decoder = new TextDecoder()
    for (;;) {
      const { done, value } = await this.#reading(() => reader.read())
      yield decoder.decode(value, { stream: !done })
      if (done) return
    }
  }

  /** A stream of server-sent events until it or `signal` ends. */
  async *events(
    path: string,
    query: Query,
    options: { readonly lastEventId?: string | undefined; readonly signal: AbortSignal },
  ): AsyncIterable<ServerEvent> {
    const response = await this.#fetch('GET', path, { query }, options.signal, {
      accept: 'text/event-stream',
      ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }),
    })
    if (!response.ok || response.body === null)
      throw this.#refusal(response, await this.#reading(() => response.text()))
    yield* serverEvents(response.body)
  }

  async #fetch(
    method: string,
    path: string,
    { query = {}, body, ifMatch, reason }: Sent,
    signal: AbortSignal,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const { apiKey } = this.#target
    const headers: Record<string, string> = { accept: 'application/json', ...more }
    if (apiKey !== undefined) headers['authorization'] = `Bearer ${apiKey}`
    if (body !== undefined) headers['content-type'] = 'application/json'
    if (ifMatch !== undefined) headers['if-match'] = ifMatch
    // A header is Latin 1; the API takes off the percent signs again.
    if (reason !== undefined) headers['x-reason'] = encodeURIComponent(reason)
    if (method === 'POST') headers['idempotency-key'] = ulid(this.#clock.now())
    const url = `${this.url}/api/v1${path}${queryText(query)}`
    const request = {
      method,
      headers,
      signal,
      redirect: 'manual',
      body: body === undefined ? null : JSON.stringify(body),
    } as const
    return this.#reading(() => fetch(url, request))
  }

  async #reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      throw new CliProblem('unreachable', this.#unreachable(error))
    }
  }

  #unreachable(error: unknown): string {
    const { name, message, cause } = error as Error & { readonly cause?: { code?: string; message?: string } }
    if (name === 'TimeoutError')
      return `The broker at ${this.url} has not answered within ${ANSWER_WITHIN_MS / 1000} s.`
    const why = reasons[cause?.code ?? ''] ?? cause?.message ?? message
    return `No broker can be reached at ${this.url}: ${why}. Name another one with --url or HOLDFAST_URL.`
  }

  #refusal(response: Response, text: string): CliProblem {
    const problem = parseProblem(text)
    if (problem !== undefined) return new ApiProblem(response.status, problem)
    if (response.status >= 300 && response.status < 400)
      return new CliProblem(
        'failed',
        `${this.url} sends us on to ${response.headers.get('location')}: give that address.`,
      )
    return this.#noBroker(response)
  }

  #noBroker({ status, headers }: Response): CliProblem {
    const type = headers.get('content-type') ?? 'nothing'
    const what = `${this.url} answered with status ${status} and ${type}, which is not how a broker's admin API speaks`
    return new CliProblem('failed', `${what}. Is that its address, and is the admin API switched on?`)
  }

  #parse(response: Response, text: string): unknown {
    if (text === '') return undefined
    try {
      return JSON.parse(text)
    } catch (error) {
      if (error instanceof SyntaxError) throw this.#noBroker(response)
      throw error
    }
  }
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  UND_ERR_CONNECT_TIMEOUT: 'the host does not answer',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is signed by nobody known (NODE_EXTRA_CA_CERTS names a file of more authorities)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is signed by nobody known (NODE_EXTRA_CA_CERTS names a file of more authorities)',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
}

function queryText(query: Query): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined)
  return pairs.length === 0
    ? ''
    : `?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}`
}
