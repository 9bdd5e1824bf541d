// Where a plan came from: the list of what it is about, with its filter.

import type { Plan } from '../../../shared/plan.ts'
import { urlFor } from '../../app/routes.ts'

export function listOf({ action, filter }: Plan): string {
  const query = { filter: filter ?? undefined }
  return action === 'retained.delete' ? urlFor.retained(query) : urlFor.sessions(query)
}
