// One thing a diagnosis has found, with its place in the sentence that people read.

import type { DiagnosisAction, DiagnosisCode, Severity } from '../../../../shared/diagnosis.ts'
import type { Millis } from '../../../clock.ts'

export interface Finding {
  readonly code: DiagnosisCode
  readonly severity: Severity
  /** A sentence of its own, with its full stop. */
  readonly text: string
  readonly data: Readonly<Record<string, unknown>>
  readonly actions: readonly DiagnosisAction[]
  /** Left out of the sentence for people, which would grow too long; the list of facts has it. */
  readonly isAside?: true
}

export function iso(at: Millis): string {
  return new Date(at).toISOString()
}
