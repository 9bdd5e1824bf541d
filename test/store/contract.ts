// What every storage engine must do, as tests: an engine's test file calls `storeContract` and adds its own.

import { appendCases } from './contract/append.ts'
import { attachCases } from './contract/attach.ts'
import { buryCases } from './contract/bury.ts'
import { endCases } from './contract/end.ts'
import { expiryCases } from './contract/expiry.ts'
import { fenceCases } from './contract/fence.ts'
import { inFlightCases } from './contract/in-flight.ts'
import { limitCases } from './contract/limits.ts'
import { rejectCases } from './contract/limits-refusal.ts'
import { lookCases } from './contract/look.ts'
import { modelCases } from './contract/model.ts'
import { reopenCases } from './contract/reopen.ts'
import { storeCase } from './contract/store-case.ts'
import type { OpenStore } from './contract/subject.ts'

/** Tests that need data to outlive the store run where `openStore` gives a `reopen`; `survives` says whether it must. */
export function storeContract(name: string, openStore: OpenStore, survives: 'nothing' | 'reopening'): void {
  const check = storeCase(name, openStore)
  attachCases(check)
  fenceCases(check)
  appendCases(check)
  limitCases(check)
  rejectCases(check)
  inFlightCases(check)
  expiryCases(check)
  endCases(check)
  lookCases(check)
  buryCases(check)
  // An engine that writes takes its time for each step; the seed is another one in each run.
  modelCases(check, survives === 'nothing' ? 4_000 : 1_000, survives)
  if (survives === 'reopening') reopenCases(check)
}
