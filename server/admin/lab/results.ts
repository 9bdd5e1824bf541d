// The last result of each test of the Lab, so that whoever cannot run them sees how they went.

import type { LabResult, LabSummary } from '../../../shared/lab.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'

const steps = ['CREATE TABLE lab_result (test TEXT PRIMARY KEY, summary TEXT NOT NULL, more TEXT NOT NULL);']

export class LabResults {
  readonly #side: SideDatabase

  constructor(side: SideDatabase) {
    this.#side = side
  }

  /** Rejects with SideProblem, as all the others. */
  open(): Promise<void> {
    return this.#side.define('lab-results', steps)
  }

  /** Without packets and timelines, of which there may be many. */
  async all(): Promise<readonly LabSummary[]> {
    const rows = await this.#side.read('SELECT summary FROM lab_result ORDER BY test')
    return rows.map(row => JSON.parse(String(row['summary'])) as LabSummary)
  }

  async find(test: string): Promise<LabResult | undefined> {
    const [row] = await this.#side.read('SELECT summary, more FROM lab_result WHERE test = ?', test)
    if (row === undefined) return undefined
    return { ...JSON.parse(String(row['summary'])), ...JSON.parse(String(row['more'])) }
  }

  save(results: readonly LabResult[]): Promise<void> {
    return this.#side.write(
      results.map(({ packets, timeline, ...summary }) => [
        'INSERT OR REPLACE INTO lab_result (test, summary, more) VALUES (?, ?, ?)',
        summary.test,
        JSON.stringify(summary),
        JSON.stringify({ packets, timeline }),
      ]),
    )
  }
}
