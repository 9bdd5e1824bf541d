// Asks the admin API as a browser or a script does: with a cookie or a key, and with what came back at hand.

import assert from 'node:assert/strict'

export interface AdminAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Undefined when the answer is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at it as they expect it to be.
  readonly body: any
}

export interface AdminRequest {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export class AdminClient {
  readonly base: string
  readonly headers: Readonly<Record<string, string>>

  /** `headers` go with every request. */
  constructor(httpUrl: string, headers: Readonly<Record<string, string>> = {}) {
    this.base = `${httpUrl}/api/v1`
    this.headers = headers
  }

  async ask(method: string, path: string, { body, headers = {} }: AdminRequest = {}): Promise<AdminAnswer> {
    const content = body === undefined ? {} : { 'content-type': 'application/json' }
    const response = await fetch(this.base + path, {
      method,
      redirect: 'manual',
      headers: { ...this.headers, ...content, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
    }
  }

  get(path: string, headers?: Readonly<Record<string, string>>): Promise<AdminAnswer> {
    return this.ask('GET', path, headers === undefined ? {} : { headers })
  }

  post(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<AdminAnswer> {
    return this.ask('POST', path, { body, headers })
  }

  patch(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<AdminAnswer> {
    return this.ask('PATCH', path, { body, headers })
  }

  delete(path: string, headers: Readonly<Record<string, string>> = {}): Promise<AdminAnswer> {
    return this.ask('DELETE', path, { headers })
  }

  /** The same visitor at another address, as after a restart. */
  at(httpUrl: string): AdminClient {
    return new AdminClient(httpUrl, this.headers)
  }

  /** The same broker, asked with other headers. */
  with(headers: Readonly<Record<string, string>>): AdminClient {
    return new AdminClient(this.base.replace(/\/api\/v1$/, ''), headers)
  }
}

/** A broker in the test process. */
export interface Administered {
  readonly httpUrl: string
  readonly running: { readonly setupLink: string | undefined }
}

export const PASSWORD = 'correct horse battery staple'

/** What a browser sends with a request of its own page. */
export const sameOrigin = { 'sec-fetch-site': 'same-origin' } as const

/** Logs in as the first admin, whom the broker's set-up link makes, as a browser does. */
export async function setUp(broker: Administered, name = 'root'): Promise<AdminClient> {
  const link = broker.running.setupLink
  assert.ok(link, 'the broker has users already')
  const token = new URL(link).hash.slice('#token='.length)
  const answer = await new AdminClient(broker.httpUrl).post(
    '/auth/setup',
    { token, name, password: PASSWORD },
    sameOrigin,
  )
  assert.equal(answer.status, 200, answer.text)
  return loggedIn(broker.httpUrl, answer)
}

export async function logIn(httpUrl: string, name: string, password = PASSWORD): Promise<AdminClient> {
  const answer = await new AdminClient(httpUrl).post('/auth/login', { name, password }, sameOrigin)
  assert.equal(answer.status, 200, answer.text)
  return loggedIn(httpUrl, answer)
}

function loggedIn(httpUrl: string, { headers }: AdminAnswer): AdminClient {
  return new AdminClient(httpUrl, { cookie: cookieOf(headers), ...sameOrigin })
}

export function cookieOf(headers: Headers): string {
  return (headers.getSetCookie()[0] ?? '').split(';', 1)[0]!
}

export interface KeyGiven {
  readonly role: 'viewer' | 'operator' | 'admin'
  readonly grants?: readonly string[]
  readonly clientIdPrefix?: string
}

let keys = 0

/** A script's client with a key of its own, made by an admin. */
export async function withKey(admin: AdminClient, given: KeyGiven): Promise<AdminClient> {
  const answer = await admin.post('/keys', { name: `test ${++keys}`, ...given })
  assert.equal(answer.status, 201, answer.text)
  return admin.with({ authorization: `Bearer ${answer.body.key}` })
}
