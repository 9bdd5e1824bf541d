// What a broker must do in a test of the Lab, computed from what it was set to, and whether it did.

import type { KeepingFacts } from './lab-facts.ts'
import { LAB_OVERFLOW, type LabParams, type LabTest } from './lab-tests.ts'

/** What is looked at, in the order in which it shows. */
export const labChecks = {
  granted: 'QoS that the broker grants',
  acknowledged: 'Messages acknowledged to the publisher',
  'present-clean': 'Session present on connecting with clean session on',
  present: 'Session present on return',
  'present-second': 'Session present for the second tab',
  'first-lost': 'The first tab',
  cut: 'Connections cut half way',
  arrived: 'Messages on return',
  'arrived-qos': 'Delivered at QoS',
  'arrived-retain': 'Their retain flag',
  live: 'A message afterwards, without subscribing again',
  'live-first': 'The same message in the first tab',
  late: 'Whoever subscribes later gets',
} as const satisfies Readonly<Record<string, string>>

export type LabCheckName = keyof typeof labChecks

export interface LabFinding {
  readonly check: LabCheckName
  readonly value: string
}

export const NOTHING = 'nothing'
export const ARRIVES = 'arrives'
export const DOES_NOT_ARRIVE = 'does not arrive'

/** `broken`: it did not come to its end. */
export const labVerdicts = ['passed', 'failed', 'broken'] as const
export type LabVerdict = (typeof labVerdicts)[number]

/** How many messages are sent: as many as it takes to overflow the queue where that is tested, and else no more. */
export function paramsOf({ script, params }: LabTest, { queueMessagesMax }: KeepingFacts): LabParams {
  if (script === 'overflow') return { ...params, messages: queueMessagesMax + LAB_OVERFLOW }
  // With room for the end mark behind them.
  if (script === 'exactly-once')
    return { ...params, messages: Math.min(params.messages, Math.max(1, queueMessagesMax - 1)) }
  return params
}

export function expectedFindings(test: LabTest, facts: KeepingFacts): readonly LabFinding[] {
  const params = paramsOf(test, facts)
  switch (test.script) {
    case 'offline':
    case 'overflow':
      return offline(params, facts)
    case 'erase':
      return [
        ...granted(params),
        ...acknowledged(params, facts),
        { check: 'present-clean', value: NO },
        { check: 'arrived', value: NOTHING },
        { check: 'present', value: NO },
        { check: 'live', value: DOES_NOT_ARRIVE },
      ]
    case 'expire':
      return [
        ...granted(params),
        ...acknowledged(params, facts),
        { check: 'present', value: NO },
        { check: 'arrived', value: NOTHING },
        { check: 'live', value: DOES_NOT_ARRIVE },
      ]
    case 'takeover':
      return [
        ...granted(params),
        { check: 'first-lost', value: 'loses its connection' },
        { check: 'present-second', value: isKept(params, facts) ? YES : NO },
        { check: 'live', value: isKept(params, facts) ? ARRIVES : DOES_NOT_ARRIVE },
        { check: 'live-first', value: DOES_NOT_ARRIVE },
      ]
    case 'exactly-once':
      return [
        ...granted(params),
        { check: 'cut', value: '2' },
        { check: 'present', value: isKept(params, facts) ? YES : NO },
        ...acknowledged(params, facts),
        { check: 'arrived', value: numbersInWords(range(1, params.messages)) },
      ]
  }
}

const YES = 'yes'
const NO = 'no'

export function yesOrNo(is: boolean): string {
  return is ? YES : NO
}

function offline(params: LabParams, facts: KeepingFacts): readonly LabFinding[] {
  const { retain } = params
  const arrived = owedOnReturn(params, facts)
  const kept = isKept(params, facts)
  return [
    ...granted(params),
    ...acknowledged(params, facts),
    { check: 'present', value: yesOrNo(kept) },
    { check: 'arrived', value: numbersInWords(arrived) },
    ...(arrived.length === 0
      ? []
      : [
          { check: 'arrived-qos', value: `${deliveryQos(params)}` } as const,
          // The subscription was there when they were published [MQTT3-3.3.1-9].
          ...(retain ? [{ check: 'arrived-retain', value: 'off' } as const] : []),
        ]),
    { check: 'live', value: kept ? ARRIVES : DOES_NOT_ARRIVE },
    ...(retain && !isRefusing(params, facts) ? [late(params, facts)] : []),
  ]
}

function granted({ subscribeQos }: LabParams): readonly LabFinding[] {
  return [{ check: 'granted', value: `${subscribeQos}` }]
}

/**
 * QoS 0 is never acknowledged. The connection ends with the first message that is refused, which finds those of QoS 2
 * before it half way.
 */
function acknowledged(params: LabParams, facts: KeepingFacts): readonly LabFinding[] {
  const { publishQos, messages } = params
  const isCutOff = isRefusing(params, facts)
  if (publishQos === 0 || (isCutOff && publishQos === 2)) return []
  return [{ check: 'acknowledged', value: `${isCutOff ? facts.queueMessagesMax : messages}` }]
}

function late({ messages }: LabParams, { retainedMessagesMax }: KeepingFacts): LabFinding {
  const isRetained = messages > 0 && retainedMessagesMax > 0
  return { check: 'late', value: isRetained ? retainedInWords(`${messages}`) : NOTHING }
}

export function retainedInWords(payload: string): string {
  return `message ${payload}, retain flag on`
}

export function deliveryQos({ publishQos, subscribeQos }: LabParams): number {
  return Math.min(publishQos, subscribeQos)
}

/** Whether the session outlives its connection. */
export function isKept({ clean }: LabParams, { sessionExpirySeconds }: KeepingFacts): boolean {
  return !clean && sessionExpirySeconds !== 0
}

/** Whether messages wait for the subscriber. */
export function isQueued(params: LabParams, facts: KeepingFacts): boolean {
  return isKept(params, facts) && (deliveryQos(params) > 0 || facts.queueQos0)
}

/** Whether there is a message that its publisher is refused for a full queue. */
function isRefusing(params: LabParams, facts: KeepingFacts): boolean {
  const { queueOverflow, queueMessagesMax } = facts
  return queueOverflow === 'reject' && isQueued(params, facts) && params.messages > queueMessagesMax
}

function owedOnReturn(params: LabParams, facts: KeepingFacts): readonly number[] {
  const { messages } = params
  const { queueMessagesMax: max, queueOverflow } = facts
  if (!isQueued(params, facts)) return []
  if (messages <= max) return range(1, messages)
  return queueOverflow === 'drop-oldest' ? range(messages - max + 1, messages) : range(1, max)
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
}

/** `1 2 3`, `6 to 1005`, `1 2 2 7 to 9`: as they came, each time one counts on by three or more in short. */
export function numbersInWords(numbers: readonly number[]): string {
  if (numbers.length === 0) return NOTHING
  const parts: string[] = []
  for (let at = 0; at < numbers.length; ) {
    let end = at
    while (numbers[end + 1] === numbers[end]! + 1) end++
    const run = numbers.slice(at, end + 1)
    parts.push(run.length > SHOWN_ONE_BY_ONE ? `${run[0]} to ${run.at(-1)}` : run.join(' '))
    at = end + 1
  }
  return parts.length > PARTS_SHOWN
    ? `${parts.slice(0, PARTS_SHOWN).join(' ')} and ${parts.length - PARTS_SHOWN} runs more, ${numbers.length} in all`
    : parts.join(' ')
}

const SHOWN_ONE_BY_ONE = 8
const PARTS_SHOWN = 20

interface LabJudgement {
  readonly verdict: LabVerdict
  readonly expected: readonly LabFinding[]
  /** The first check that is not as expected. */
  readonly difference: LabCheckName | null
}

/** `problem`: why it did not come to its end, if it did not. */
export function judge(
  test: LabTest,
  { observed, problem }: { readonly observed: readonly LabFinding[]; readonly problem: string | null },
  facts: KeepingFacts,
): LabJudgement {
  const expected = expectedFindings(test, facts)
  if (problem !== null) return { verdict: 'broken', expected, difference: null }
  const difference = firstDifference(expected, observed) ?? null
  return { verdict: difference === null ? 'passed' : 'failed', expected, difference }
}

/** Undefined when all is as it must be. */
function firstDifference(
  expected: readonly LabFinding[],
  observed: readonly LabFinding[],
): LabCheckName | undefined {
  return expected.find(({ check, value }) => findingOf(observed, check) !== value)?.check
}

export function findingOf(findings: readonly LabFinding[], check: LabCheckName): string | undefined {
  return findings.find(finding => finding.check === check)?.value
}
