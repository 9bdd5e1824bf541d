// What the broker says is wrong with one part of what it was sent, to stand beside the field that it came from.

import { capitalized } from '../../shared/plain-words.ts'
import { ApiProblem } from './api.ts'

interface Wrong {
  readonly pointer: string
  readonly detail: string
}

/** `pointer` as in `/body/name`; undefined when that part is not to blame. */
export function problemAt(problem: unknown, pointer: string): string | undefined {
  if (!(problem instanceof ApiProblem)) return undefined
  const errors = (problem.facts['errors'] ?? []) as readonly Wrong[]
  const detail = errors.find(one => one.pointer === pointer)?.detail
  if (detail === undefined) return undefined
  return `${capitalized(detail)}${detail.endsWith('.') ? '' : '.'}`
}
