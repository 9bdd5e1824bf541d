// The one place where requests become records of the audit: what was done, and what was refused.

import type { FastifyRequest } from 'fastify'
import type { AuditEntry } from '../../../shared/audit.ts'
import { fromPathSegment } from '../../../shared/path-segment.ts'
import type { ProblemType } from '../../../shared/problem.ts'
import type { Audit, AuditAct } from '../audit/audit.ts'
import type { Actor } from '../auth/actor.ts'
import { addressKey } from '../auth/address-key.ts'
import { Act } from './act.ts'
import { type ApiProblem, problem, statusOf } from './problem.ts'
import { reasonOf } from './reason.ts'
import { type ApiRoute, isUnsafe } from './route.ts'

/** Attempts at something that was there and not allowed; mistakes in form are nobody's concern. */
const REFUSED_STATUSES = [401, 403, 409, 410, 412]

export class Recording {
  readonly #audit: Audit
  readonly #actorOf: (request: FastifyRequest) => Actor | undefined
  readonly #acts = new WeakMap<FastifyRequest, Act>()

  constructor(audit: Audit, actorOf: (request: FastifyRequest) => Actor | undefined) {
    this.#audit = audit
    this.#actorOf = actorOf
  }

  /** Throws when what is to be done could not be recorded: then it must not be done. */
  async begin(route: ApiRoute, request: FastifyRequest): Promise<Act> {
    const act = new Act()
    this.#acts.set(request, act)
    if (isRecorded(route, request)) {
      try {
        await this.#audit.ready()
      } catch (error) {
        const reason = (error as Error).message
        throw problem('broker-unavailable', {
          detail: `Nothing was done, because the audit could not record it (${reason}).`,
        })
      }
    }
    return act
  }

  /** Resolves when it is on the disk; only then may it be told. */
  async done(route: ApiRoute, request: FastifyRequest, status: number): Promise<void> {
    if (!isRecorded(route, request)) return
    try {
      await this.#audit.record(this.#entry(route, request, 'done', status === 202 ? { accepted: true } : {}))
    } catch (error) {
      const reason = (error as Error).message
      throw problem('broker-unavailable', {
        detail: `It was done, but the audit could not record it (${reason}).`,
        done: true,
      })
    }
  }

  /** Never rejects: whoever is refused hears why, whatever becomes of the record. */
  async refused(route: ApiRoute, request: FastifyRequest, { type, given }: ApiProblem): Promise<void> {
    if (!isRecorded(route, request) || given['done'] === true || !this.#isTold(request, type)) return
    const actor = this.#actorOf(request)
    const subject = actor === undefined ? addressKey(request.ip) : `${actor.facts.kind} ${actor.facts.name}`
    const result = statusOf(type) >= 500 ? 'failed' : 'refused'
    await this.#audit.refuse(subject, this.#entry(route, request, result, { problem: type }))
  }

  /** A login that is not even heard, after too many tries, counts as one that failed. */
  #isTold(request: FastifyRequest, type: ProblemType): boolean {
    const status = statusOf(type)
    return REFUSED_STATUSES.includes(status) || (this.#acts.has(request) && (status === 429 || status >= 500))
  }

  #entry(
    route: ApiRoute,
    request: FastifyRequest,
    result: AuditEntry['result'],
    detail: AuditEntry['detail'],
  ): AuditAct {
    const act = this.#acts.get(request)
    return {
      actor: act?.by ?? actorFacts(this.#actorOf(request)),
      address: request.ip,
      requestId: request.id,
      verb: route.audit ?? `${route.method} ${route.url}`,
      target: act?.target ?? firstParameter(request),
      reason: reasonIfGood(request) ?? null,
      result,
      detail: { ...act?.facts, ...detail },
    }
  }
}

function isRecorded({ method, audit, auditedWith }: ApiRoute, { query }: FastifyRequest): boolean {
  if (auditedWith !== undefined && !Object.hasOwn(query as object, auditedWith)) return false
  return audit !== 'none' && (isUnsafe(method) || audit !== undefined)
}

function actorFacts(actor: Actor | undefined): AuditEntry['actor'] {
  if (actor === undefined) return { kind: 'none', name: '', role: null }
  const { kind, name, role } = actor.facts
  return { kind, name, role }
}

function firstParameter(request: FastifyRequest): string {
  const [first = ''] = Object.values((request.params ?? {}) as Record<string, string>)
  return fromPathSegment(first)
}

/** One that is not well-formed is what the request was refused for. */
function reasonIfGood(request: FastifyRequest): string | undefined {
  try {
    return reasonOf(request)
  } catch (error) {
    return error instanceof Error ? undefined : String(error)
  }
}
