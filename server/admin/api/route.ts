// What a route of the admin API is: everything that serving, documenting and testing it needs, in one value.

import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type, { type Static, type TObject, type TSchema } from 'typebox'
import type { Grant, Role } from '../../../shared/account.ts'
import type { ProblemType } from '../../../shared/problem.ts'
import type { Actor } from '../auth/actor.ts'
import type { Act } from './act.ts'

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

export type Responses = Readonly<Record<number, TSchema>>

/** A body that is not JSON; also what streams: a handler may send and return the reply itself. */
export function media(...types: readonly [string, ...string[]]) {
  return Type.Unsafe<Readable | Buffer | string | FastifyReply>({ type: 'string', 'x-media': types })
}

/** The response of a 204. */
export const noContent = Type.Void()

export interface ApiRequest<Params, Query, Body> {
  /** Decoded, client ids as they are: `pathSegment` has been undone. */
  readonly params: Params
  /** With the defaults of its schema. */
  readonly query: Query
  readonly body: Body
  /** Throws on a route that is open to anyone. */
  readonly actor: Actor
  readonly requestId: string
  /** From X-Reason or the body's `reason`. */
  readonly reason: string | undefined
  /** What the audit will say of this request. */
  readonly act: Act
  readonly http: FastifyRequest
}

interface RouteFacts {
  readonly method: Method
  /** Below /api/v1, as the documentation has it: `/sessions/{clientId}/queue`, `/sessions:count`. */
  readonly url: string
  readonly summary: string
  readonly description?: string
  readonly tag: string
  /** `anyone` asks for no login. */
  readonly role: Role | 'anyone'
  readonly grant?: Grant
  /** For what is unsafe and yet changes nothing of the broker. */
  readonly inReadOnly?: 'allowed'
  /**
   * What the audit calls it, as in `session.clean`: every unsafe method has one, and reads that are recorded.
   * `none` is for an unsafe method that does nothing, as one that only counts.
   */
  readonly audit?: string
  /** A read that is recorded only when its query has this. */
  readonly auditedWith?: string
  /**
   * A key with a client id prefix gets 403, unless the URL has a `{clientId}`, which is then checked before the
   * handler; `filtered` says that the handler itself keeps to `actor.mayTouch`.
   */
  readonly limitedKeys?: 'filtered'
  /** Its body or its answer holds a secret: neither is kept, not even for a request that is sent again. */
  readonly secret?: true
  /** How many requests it counts as for the rate limit; 1 if left out. */
  readonly cost?: number
  readonly bodyBytesMax?: number
  readonly problems: readonly ProblemType[]
}

/** The statuses that have a body. */
type Bodied<Response extends Responses> = {
  [Status in keyof Response & number]: Static<Response[Status]> extends void ? never : Status
}[keyof Response & number]

type Example<Schema extends TSchema> = Exclude<Static<Schema>, Readable | Buffer | FastifyReply>

export interface RouteGiven<
  Params extends TObject,
  Query extends TObject,
  Body extends TSchema,
  Response extends Responses,
> extends RouteFacts {
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** The first status is what is sent unless the handler says another. */
  readonly response: Response
  readonly example: {
    readonly [Status in Bodied<Response>]: Example<Response[Status]>
  }
  readonly bodyExample?: Static<Body>
  handle(
    request: ApiRequest<Static<Params>, Static<Query>, Static<Body>>,
    reply: FastifyReply,
  ): Promise<Static<Response[keyof Response & number]>>
}

/** A route without its types, as those see it who serve all of them. */
export interface ApiRoute extends RouteFacts {
  readonly params?: TObject
  readonly query?: TObject
  readonly body?: TSchema
  readonly response: Responses
  readonly example: Readonly<Record<number, unknown>>
  readonly bodyExample?: unknown
  handle(request: ApiRequest<unknown, unknown, unknown>, reply: FastifyReply): Promise<unknown>
}

const nothing = Type.Object({}, { additionalProperties: false })
const noBody = Type.Undefined()

export function defineRoute<
  Params extends TObject = typeof nothing,
  Query extends TObject = typeof nothing,
  Body extends TSchema = typeof noBody,
  Response extends Responses = Responses,
>(route: RouteGiven<Params, Query, Body, Response>): ApiRoute {
  // The schemas are what makes the handler's types true: nothing reaches it that does not fit them.
  return route as unknown as ApiRoute
}

export function isUnsafe(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS'
}

/** Of its URL, in order. */
export function parameterNames(url: string): readonly string[] {
  return [...url.matchAll(/\{(\w+)\}/g)].map(match => match[1]!)
}

/** As Fastify writes it. */
export function fastifyUrl(url: string): string {
  return url.replaceAll(':', '::').replaceAll(/\{(\w+)\}/g, ':$1')
}
