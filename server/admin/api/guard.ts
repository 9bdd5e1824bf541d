// Who may ask a route, before its body is even read: pace, login, role, grant, client id, read-only.

import type { FastifyRequest } from 'fastify'
import { fromPathSegment } from '../../../shared/path-segment.ts'
import type { Clock } from '../../clock.ts'
import type { Actor } from '../auth/actor.ts'
import { addressKey } from '../auth/address-key.ts'
import { problem } from './problem.ts'
import { knownPace, RateLimit, strangerPace } from './rate-limit.ts'
import { type ApiRoute, isUnsafe } from './route.ts'

export interface GuardGiven {
  readonly clock: Clock
  /** Undefined: nobody who is known. Throws the problem that a request with somebody's cookie has. */
  readonly authenticate: (request: FastifyRequest) => Actor | undefined
  readonly readOnly: () => boolean
}

export class Guard {
  readonly #given: GuardGiven
  readonly #limit: RateLimit
  readonly #actors = new WeakMap<FastifyRequest, Actor>()

  constructor(given: GuardGiven) {
    this.#given = given
    this.#limit = new RateLimit(given.clock)
  }

  /** Throws the problem of whoever may not. */
  admit(route: ApiRoute, request: FastifyRequest): void {
    const actor = this.#recognise(request)
    this.#pace(route, request, actor)
    if (route.role !== 'anyone') authorise(route, request, actor)
    const isRefused = isUnsafe(route.method) && route.inReadOnly === undefined && this.#given.readOnly()
    if (isRefused) throw problem('read-only', { detail: 'The setting admin-read-only is on.' })
  }

  /** Once it has been admitted, and also of those who were not. */
  actorOf(request: FastifyRequest): Actor | undefined {
    return this.#actors.get(request)
  }

  #recognise(request: FastifyRequest): Actor | undefined {
    const actor = this.#given.authenticate(request)
    if (actor !== undefined) this.#actors.set(request, actor)
    return actor
  }

  #pace(route: ApiRoute, request: FastifyRequest, actor: Actor | undefined): void {
    const waitMs =
      actor === undefined
        ? this.#limit.take(addressKey(request.ip), strangerPace, 1)
        : this.#limit.take(actor.key, knownPace, route.cost ?? 1)
    if (waitMs === 0) return
    const seconds = `${Math.ceil(waitMs / 1000)}`
    throw problem('rate-limited', {
      detail: `Ask again in ${seconds} s.`,
      headers: { 'retry-after': seconds },
    })
  }
}

function authorise(route: ApiRoute, request: FastifyRequest, actor: Actor | undefined): void {
  if (actor === undefined)
    throw problem('not-authenticated', { headers: { 'www-authenticate': 'Bearer realm="holdfast"' } })
  if (route.role !== 'anyone' && !actor.is(route.role))
    throw problem('forbidden', { detail: `This needs the role ${route.role}.` })
  if (route.grant !== undefined && !actor.has(route.grant))
    throw problem(route.grant === 'payload:read' ? 'forbidden-payload' : 'forbidden', {
      detail: `This needs the grant ${route.grant}.`,
    })
  holdToPrefix(route, request, actor)
}

function holdToPrefix(route: ApiRoute, request: FastifyRequest, actor: Actor): void {
  const prefix = actor.facts.clientIdPrefix
  if (prefix === undefined || route.limitedKeys === 'filtered') return
  const { clientId } = request.params as { readonly clientId?: string }
  if (clientId === undefined)
    throw problem('forbidden', {
      detail: 'This key is for some client ids only, and this route is about all.',
    })
  if (!actor.mayTouch(fromPathSegment(clientId)))
    throw problem('forbidden', {
      detail: `This key is for client ids that begin with ${JSON.stringify(prefix)}.`,
    })
}
