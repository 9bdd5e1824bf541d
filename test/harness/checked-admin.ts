// Asks the admin API and holds every answer to what the API says of itself: its schema, its problems.

import assert from 'node:assert/strict'
import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { problemSchema, problemTypeOf } from '../../shared/problem.ts'
import {
  type AdminAnswer,
  type AdminClient,
  type Administered,
  type AdminRequest,
  setUp,
  withKey,
} from './admin-client.ts'
import type { Settings } from './broker-program.ts'
import { type NamedOperation, operationsOf, readApiDocument } from './openapi.ts'
import { type OperatedBroker, operatedBrokerForFile } from './operated-broker.ts'

interface Known {
  readonly method: string
  readonly path: RegExp
  readonly operation: NamedOperation['operation']
  readonly name: string
}

export class CheckedAdmin {
  readonly client: AdminClient
  readonly #api: ApiShapes

  constructor(client: AdminClient, api: ApiShapes) {
    this.client = client
    this.#api = api
  }

  async ask(method: string, path: string, request: AdminRequest = {}): Promise<AdminAnswer> {
    const answer = await this.client.ask(method, path, request)
    this.#api.check(method, path, answer)
    return answer
  }

  /** The body of an answer with that status; fails with the answer when it has another. */
  async get(path: string, status = 200, headers: Readonly<Record<string, string>> = {}) {
    return this.#expect(status, 'GET', path, { headers })
  }

  async post(path: string, body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}) {
    return this.#expect(status, 'POST', path, { body, headers })
  }

  async patch(path: string, body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}) {
    return this.#expect(status, 'PATCH', path, { body, headers })
  }

  async delete(path: string, status = 200, headers: Readonly<Record<string, string>> = {}) {
    return this.#expect(status, 'DELETE', path, { headers })
  }

  /** A key of somebody who may do less. */
  async key(given: Parameters<typeof withKey>[1]): Promise<CheckedAdmin> {
    return new CheckedAdmin(await withKey(this.client, given), this.#api)
  }

  /** Bodies of all answers so far, of all who came from the same administrator. */
  get bodies(): readonly string[] {
    return this.#api.bodies
  }

  async #expect(status: number, method: string, path: string, request: AdminRequest) {
    const answer = await this.ask(method, path, request)
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text.slice(0, 500)}`)
    return answer.body
  }
}

/** What the API says of its answers. */
export class ApiShapes {
  readonly bodies: string[] = []
  readonly #known: readonly Known[]
  readonly #validators = new Map<TSchema, Validator>()

  constructor(operations: readonly NamedOperation[]) {
    this.#known = operations.map(({ name, method, path, operation }) => ({
      name,
      method: method.toUpperCase(),
      path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      operation,
    }))
  }

  check(method: string, path: string, answer: AdminAnswer): void {
    this.bodies.push(answer.text)
    const bare = `/api/v1${path.split('?', 1)[0]}`
    const known = this.#known.find(one => one.method === method && one.path.test(bare))
    assert.ok(known, `${method} ${path} is not described`)
    if (answer.status >= 400) this.#checkProblem(known, answer)
    else this.#checkSuccess(known, answer)
  }

  #checkProblem({ name, operation }: Known, { status, body, text }: AdminAnswer): void {
    assert.ok(this.#fits(problemSchema, body), `${name}: ${text} is no problem`)
    assert.equal(body.status, status, name)
    const type = problemTypeOf(body.type)
    assert.ok(
      type !== undefined && operation['x-problems'].includes(type),
      `${name} does not tell of ${body.type}`,
    )
  }

  #checkSuccess({ name, operation }: Known, { status, headers, body, text }: AdminAnswer): void {
    const described = operation.responses[`${status}`]
    assert.ok(described, `${name} does not tell of ${status}`)
    const type = (headers.get('content-type') ?? '').split(';', 1)[0]!
    if (text === '') return
    const content = described.content?.[type]
    assert.ok(content, `${name} does not tell of ${type}`)
    if (type !== 'application/json') return
    assert.ok(
      this.#fits(content.schema, body),
      `${name}: ${text.slice(0, 2_000)} does not fit: ${this.#faults(content.schema, body)}`,
    )
  }

  #fits(schema: TSchema, value: unknown): boolean {
    return this.#validator(schema).Check(value)
  }

  #faults(schema: TSchema, value: unknown): string {
    return JSON.stringify(this.#validator(schema).Errors(value).slice(0, 5))
  }

  #validator(schema: TSchema): Validator {
    let validator = this.#validators.get(schema)
    if (validator === undefined) {
      validator = Compile(schema)
      this.#validators.set(schema, validator)
    }
    return validator
  }
}

/** The first admin of the broker, who has every grant. */
export async function checkedAdmin(broker: Administered): Promise<CheckedAdmin> {
  const operations = operationsOf(await readApiDocument(broker.httpUrl))
  return new CheckedAdmin(await setUp(broker), new ApiShapes(operations))
}

/** A broker for all tests of a file, and its first admin; `prepare` runs before the tests. */
export function administeredForFile(
  settings: Settings = {},
  prepare?: (broker: OperatedBroker, admin: CheckedAdmin) => Promise<void>,
): { readonly broker: OperatedBroker; readonly admin: () => CheckedAdmin } {
  let admin: CheckedAdmin | undefined
  const broker = operatedBrokerForFile(settings, async () => {
    admin = await checkedAdmin(broker)
    await prepare?.(broker, admin)
  })
  return {
    broker,
    admin: () => {
      assert.ok(admin, 'there is an admin once the broker has started: use it inside tests and hooks')
      return admin
    },
  }
}
