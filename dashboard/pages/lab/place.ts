// Where tests run: the broker that serves this page, which knows of the run and cleans up, or another one as a control.

import type { TimelineEntry } from '../../../shared/history.ts'
import type { LabReport, LabResult } from '../../../shared/lab.ts'
import type { Stage } from './stage.ts'

export interface Place {
  /** Of a test, up to `/sub` and `/pub`. */
  clientId(test: string): string
  topic(test: string): string
  act(test: string): Stage['act']
  /** What the broker remembers of the test's clients so far. */
  timeline(test: string): Promise<readonly TimelineEntry[]>
  /** Resolves to the results when nothing of the run is left. */
  end(reports: readonly LabReport[]): Promise<readonly LabResult[]>
  /** The page is being left. */
  leave(): void
}
