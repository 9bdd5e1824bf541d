// The Lab's side in the broker, put together: its runs, and the last results.

import { LabResults } from './results.ts'
import { LabRuns, type LabRunsGiven } from './runs.ts'

export interface LabParts {
  readonly runs: LabRuns
  readonly results: LabResults
  close(): void
}

/** Rejects with SideProblem. */
export async function openLab(given: LabRunsGiven): Promise<LabParts> {
  const runs = new LabRuns(given)
  const results = new LabResults(given.side)
  await runs.open()
  await results.open()
  return { runs, results, close: () => runs.close() }
}
