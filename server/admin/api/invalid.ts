// One thing that is wrong with a request and that no schema can say, as the problem that is thrown for it.

import { type ApiProblem, problem } from './problem.ts'

/** `pointer` as in `/query/from`; `detail` goes on from it: `must lie ahead`. */
export function invalid(pointer: string, detail: string): ApiProblem {
  return problem('validation', { detail: `${pointer} ${detail}.`, errors: [{ pointer, detail }] })
}
