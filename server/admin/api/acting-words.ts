// What the routes of plans and operations say alike: who acts, which places in a list there are, where things are.

import Type from 'typebox'
import type { Actor } from '../auth/actor.ts'
import type { OperationRequest } from '../operations/operation-facts.ts'
import type { Begun } from '../operations/operations.ts'
import type { PlanActor } from '../plans/blocked.ts'
import { API_PREFIX } from './openapi.ts'
import { type ApiProblem, problem } from './problem.ts'

export const idParams = Type.Object({ id: Type.String({ maxLength: 64 }) })

export function planActor(actor: Actor): PlanActor {
  return {
    key: actor.key,
    name: actor.facts.name,
    isAdmin: actor.is('admin'),
    mayTouch: clientId => actor.mayTouch(clientId),
  }
}

export function operationRequest(actor: Actor, reason: string | undefined): OperationRequest {
  return { actor: { key: actor.key, name: actor.facts.name }, reason }
}

/** A key that may not touch all clients sees what it has done itself. */
export function seesAll({ facts }: Actor): boolean {
  return facts.clientIdPrefix === undefined
}

export function planUrl(id: string): string {
  return `${API_PREFIX}/plans/${id}`
}

export function operationUrl(id: string): string {
  return `${API_PREFIX}/operations/${id}`
}

/** Why an operation was not begun. */
export function notBegun(outcome: Exclude<Begun, { at: 'begun' }>): ApiProblem {
  switch (outcome.at) {
    case 'no-operation':
      return problem('not-found')
    case 'executed':
      return problem('conflict', { detail: 'The plan is being executed, or was: a plan is executed once.' })
    case 'running':
      return problem('conflict', { detail: 'The operation has not ended yet: wait for it, or cancel it.' })
    case 'nothing-to-do':
      return problem('conflict', {
        detail: 'There is nothing to do: no item of it failed, or can still be taken back.',
      })
    case 'too-many-running':
      return problem('limit-exceeded', {
        detail: `${outcome.max} operations are running, which is the most.`,
      })
  }
}
