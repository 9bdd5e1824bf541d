// Makes a result of what a browser saw of a test: what was expected here, whether it came true, what the broker remembers.

import type { TimelineEntry } from '../../../shared/history.ts'
import { LAB_TIMELINE_MAX, type LabReport, type LabResult } from '../../../shared/lab.ts'
import { judge } from '../../../shared/lab-expected.ts'
import type { LabFacts } from '../../../shared/lab-facts.ts'
import { findLabTest } from '../../../shared/lab-tests.ts'
import { assert } from '../../assert.ts'
import type { History } from '../../read-model/history/history.ts'
import { clientIdsOf, type LabRunRecord } from './run.ts'

interface Judged {
  readonly run: LabRunRecord
  readonly report: LabReport
  readonly facts: LabFacts
  readonly timeline: readonly TimelineEntry[]
  readonly at: number
}

export function resultOf({ run, report, facts, timeline, at }: Judged): LabResult {
  const { test } = report
  const known = findLabTest(test)
  assert(known !== undefined, `the schema lets in only tests that there are, and not ${test}`)
  const { verdict, expected, difference } = judge({ ...known, params: report.params }, report, facts)
  return {
    ...report,
    verdict,
    difference,
    expected: [...expected],
    at: new Date(at).toISOString(),
    by: run.ownerName,
    timeline: [...timeline],
  }
}

/** Of the clients of one test, the oldest first. */
export async function timelineOf(
  history: History,
  run: LabRunRecord,
  test: string,
): Promise<readonly TimelineEntry[]> {
  const entries = new Map<number, TimelineEntry>()
  for (const clientId of clientIdsOf(run, [test])) {
    const { data } = await history.timeline(clientId, { limit: LAB_TIMELINE_MAX })
    // A restart of the broker stands in the timeline of each.
    for (const entry of data) entries.set(entry.id, entry)
  }
  return [...entries.values()].sort((one, other) => one.id - other.id).slice(0, LAB_TIMELINE_MAX)
}
