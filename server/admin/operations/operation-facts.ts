// What is known of an operation from its beginning.

import type { Millis } from '../../clock.ts'
import { ulid } from '../../random.ts'
import type { OperationFacts } from './operation-records.ts'

export interface OperationRequest {
  /** Who asks for it: `key` is theirs alone, `name` stands in events and records. */
  readonly actor: { readonly key: string; readonly name: string }
  readonly reason: string | undefined
}

export function newFacts(
  now: Millis,
  { actor, reason }: OperationRequest,
  facts: Partial<OperationFacts> & Pick<OperationFacts, 'kind' | 'action' | 'options' | 'override'>,
): OperationFacts {
  return {
    of: null,
    plan: null,
    digest: null,
    filter: null,
    clientId: null,
    topic: null,
    generation: null,
    ...facts,
    id: `op_${ulid(now)}`,
    actor: actor.name,
    actorKey: actor.key,
    reason: reason ?? null,
  }
}
