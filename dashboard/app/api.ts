// Asks the admin API, and turns what it refuses into problems that can be shown as they are.

const BASE = '/api/v1'
/** Longer than any answer of a broker that works. */
const ANSWER_MS = 20_000

/** A refusal of the API (RFC 9457), or that there was no answer at all. */
export class ApiProblem extends Error {
  /** The last part of its type, such as `session-changed`; `unreachable` when nobody answered. */
  readonly kind: string
  /** 0 when nobody answered. */
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly requestId: string | undefined
  /** Everything else that it says. */
  readonly facts: Readonly<Record<string, unknown>>

  constructor(status: number, facts: Readonly<Record<string, unknown>>) {
    const title = String(facts['title'] ?? 'Failed')
    const detail = String(facts['detail'] ?? '')
    super(detail === '' ? title : detail)
    this.kind = String(facts['type'] ?? 'unknown').replace(/^.*[/:]/, '')
    this.status = status
    this.title = title
    this.detail = detail
    this.requestId = facts['requestId'] === undefined ? undefined : String(facts['requestId'])
    this.facts = facts
  }
}

/** What is undefined or empty is left out. */
export type AskQuery = Readonly<Record<string, string | number | boolean | undefined>>

export interface Ask {
  readonly query?: AskQuery
  readonly body?: unknown
  /** The ETag that the session or plan must still have. */
  readonly ifMatch?: string
  readonly reason?: string | undefined
  readonly signal?: AbortSignal
  readonly idempotencyKey?: string
}

export interface Answer<T> {
  readonly data: T
  readonly etag: string | undefined
  readonly status: number
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

let onUnauthenticated: () => void = () => undefined

/** Called when an answer says that nobody is signed in any more. */
export function whenUnauthenticated(act: () => void): void {
  onUnauthenticated = act
}

/** The address of an answer that the browser is to save as a file. */
export function apiUrl(path: string, query: AskQuery = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(name, String(value))
  return search.size === 0 ? BASE + path : `${BASE}${path}?${search}`
}

/** Rejects with ApiProblem; an answer without content has `data` undefined. */
export async function ask<T>(method: Method, path: string, given: Ask = {}): Promise<Answer<T>> {
  const response = await send(method, path, given)
  const text = await response.text()
  const body = isJson(response) && text !== '' ? JSON.parse(text) : undefined
  if (response.ok)
    return { data: body as T, etag: response.headers.get('etag') ?? undefined, status: response.status }
  const problem = new ApiProblem(response.status, body ?? { title: response.statusText })
  // A wrong password is no end of a login.
  if (problem.kind === 'not-authenticated') onUnauthenticated()
  throw problem
}

/** The content of an answer to GET. */
export async function get<T>(path: string, query: AskQuery = {}, signal?: AbortSignal): Promise<T> {
  const given = signal === undefined ? { query } : { query, signal }
  return (await ask<T>('GET', path, given)).data
}

/** Why an address that a browser asked for by itself is refused; undefined when it is not, or nobody answers. */
export async function whyRefused(path: string, query: AskQuery): Promise<ApiProblem | undefined> {
  const unread = new AbortController()
  try {
    const response = await fetch(apiUrl(path, query), {
      cache: 'no-store',
      signal: AbortSignal.any([unread.signal, AbortSignal.timeout(ANSWER_MS)]),
    })
    if (response.status === 401) onUnauthenticated()
    return response.status >= 400 && isJson(response)
      ? new ApiProblem(response.status, await response.json())
      : undefined
  } catch (error) {
    if (error instanceof Error) return undefined
    throw error
  } finally {
    unread.abort()
  }
}

async function send(method: Method, path: string, given: Ask): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (given.body !== undefined) headers['content-type'] = 'application/json'
  if (given.ifMatch !== undefined) headers['if-match'] = given.ifMatch
  // A header holds bytes, a reason any text.
  if (given.reason !== undefined && given.reason !== '')
    headers['x-reason'] = encodeURIComponent(given.reason)
  if (given.idempotencyKey !== undefined) headers['idempotency-key'] = given.idempotencyKey
  const timeout = AbortSignal.timeout(ANSWER_MS)
  try {
    return await fetch(apiUrl(path, given.query), {
      method,
      headers,
      cache: 'no-store',
      signal: given.signal === undefined ? timeout : AbortSignal.any([given.signal, timeout]),
      ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
    })
  } catch (error) {
    if (given.signal?.aborted === true || !(error instanceof Error)) throw error
    throw new ApiProblem(0, { type: 'unreachable', title: 'The broker does not answer' })
  }
}

function isJson(response: Response): boolean {
  return /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '')
}
