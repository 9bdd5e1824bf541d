// The problem of whoever asks about all sessions while too many others do.

import type { Overloaded } from '../../read-model/table/scans.ts'
import { type ApiProblem, problem } from './problem.ts'

export function overloaded({ detail }: Overloaded): ApiProblem {
  return problem('broker-unavailable', { detail: `${detail}.`, headers: { 'retry-after': '1' } })
}
