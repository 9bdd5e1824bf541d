// An act on one session as an operation of its own: listed among the others, told live, and taken back where they are.

import type { OperationAction } from '../../../shared/operation.ts'
import type { PlanOptions } from '../../../shared/plan.ts'
import type { Target } from '../../broker/operations/target.ts'
import { operationRequest } from '../api/acting-words.ts'
import type { ApiContext } from '../api/context.ts'
import type { ApiRequest } from '../api/route.ts'
import type { ItemResult } from '../operations/item-result.ts'
import type { OwedBefore } from '../operations/results-of-acts.ts'
import { actingOn } from './acting-on.ts'

interface SingleAct {
  readonly action: OperationAction
  readonly options?: PlanOptions
  /** What else its item is to say. */
  readonly detail?: string
}

/** Who does it, and what its tombstone is called. */
export type How = Required<Pick<Target, 'by' | 'tombstone'>>

interface Performed<T> {
  readonly outcome: T
  /** Undefined when nothing was done, and when it could not be written down. */
  readonly operation: string | undefined
}

/** Throws `forbidden` as `actingOn` does. What was refused, or found nothing to do, is no operation. */
export async function asOperation<T>(
  context: ApiContext,
  request: ApiRequest<{ readonly clientId: string }, unknown, unknown>,
  { action, options = {}, detail }: SingleAct,
  act: (how: How) => Promise<T>,
  resultOf: (outcome: T, before: OwedBefore) => ItemResult | 'session-changed',
): Promise<Performed<T>> {
  const by = actingOn(context, request)
  const { clientId } = request.params
  const session = context.broker.parts.registry.get(clientId)
  const { messages = 0, bytes = 0 } = session?.lease.queue ?? {}
  const { outcome, operation } = await context.acting.operations.singles.perform(
    {
      ...operationRequest(request.actor, request.reason),
      action,
      clientId,
      topic: null,
      generation: session?.generation ?? null,
      options,
    },
    tombstone => act({ by, tombstone }),
    outcome => {
      const result = resultOf(outcome, { messages, bytes })
      return result === 'session-changed' || result.status !== 'ok' ? undefined : { detail, ...result }
    },
  )
  return { outcome, operation: operation?.id }
}
