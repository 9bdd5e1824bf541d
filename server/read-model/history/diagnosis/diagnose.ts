// What is the matter with a session: findings, the one that matters most, one sentence, and what can be done.

import {
  type Diagnosis,
  type DiagnosisAction,
  diagnosisActions,
  diagnosisCodes,
  severities,
} from '../../../../shared/diagnosis.ts'
import type { DiagnosisFacts } from './facts.ts'
import type { Finding } from './finding.ts'
import { keepingFindings } from './keeping.ts'
import { presenceFindings } from './presence.ts'
import { queueFindings } from './queue.ts'
import { sendingFindings } from './sending.ts'

/** Depends on nothing but the facts, so that page, command line and tests say the same. */
export function diagnose(facts: DiagnosisFacts): Diagnosis {
  const findings = [
    ...presenceFindings(facts),
    ...queueFindings(facts),
    ...sendingFindings(facts),
    ...keepingFindings(facts),
  ].filter(found => found !== undefined)
  const headline = findings.toSorted(byWeight)[0]!
  return {
    headline: headline.code,
    severity: headline.severity,
    sentence: findings
      .filter(found => found.isAside !== true)
      .map(found => found.text)
      .join(' '),
    facts: findings.map(({ code, severity, text, data }) => ({ code, severity, text, data })),
    actions: actionsOf(findings, facts),
  }
}

function byWeight(one: Finding, other: Finding): number {
  return (
    severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
    diagnosisCodes.indexOf(one.code) - diagnosisCodes.indexOf(other.code)
  )
}

/** Only what the state of the session allows: to expire needs one that is offline, to disconnect one that is not. */
function actionsOf(findings: readonly Finding[], { presence }: DiagnosisFacts): DiagnosisAction[] {
  const proposed = new Set(findings.flatMap(found => found.actions))
  proposed.delete(presence.at === 'online' ? 'expire' : 'disconnect')
  return diagnosisActions.filter(action => proposed.has(action))
}
