// A run on another broker, as a control: nothing is known of it, and its clients clean up themselves.

import type { LabReport, LabResult } from '../../../shared/lab.ts'
import { judge } from '../../../shared/lab-expected.ts'
import type { KeepingFacts } from '../../../shared/lab-facts.ts'
import { findLabTest, LAB_MESSAGES_MAX, type LabTest } from '../../../shared/lab-tests.ts'
import { type Paho, PahoSession } from '../../paho/paho-session.ts'
import { Problem } from '../../paho/problem.ts'
import type { Place } from './place.ts'

/** What the standard asks of every broker, with room for the few messages of a test. */
export const standardFacts: KeepingFacts = {
  queueQos0: false,
  queueMessagesMax: LAB_MESSAGES_MAX,
  queueOverflow: 'drop-oldest',
  sessionExpirySeconds: null,
  retainedMessagesMax: LAB_MESSAGES_MAX,
}

interface Elsewhere {
  readonly paho: Paho
  readonly url: string
  readonly by: string
}

export function beginElsewhere({ paho, url, by }: Elsewhere): Place {
  const bytes = crypto.getRandomValues(new Uint8Array(10))
  const run = Array.from(bytes, byte => (byte % 36).toString(36)).join('')
  const clientId = (test: string): string => `lab/${run}/${test}`
  const topic = (test: string): string => `lab/${run}/${test}/t`
  const refuse = async (): Promise<number> => {
    throw new Problem('Only the broker that serves this page can do that for a test.')
  }
  return {
    clientId,
    topic,
    act: () => refuse,
    timeline: async () => [],
    end: async reports => {
      for (const { test, params } of reports)
        await cleanUp(paho, url, clientId(test), params.retain ? topic(test) : undefined)
      return reports.map(report => resultOf(report, by))
    },
    // Their sessions are short-lived on a broker that is set up to let them end; nothing more can be done here.
    leave: () => undefined,
  }
}

/** Connecting with clean session on erases what there was; a retained message goes when an empty one takes its place. */
async function cleanUp(
  paho: Paho,
  url: string,
  clientId: string,
  retainedTopic: string | undefined,
): Promise<void> {
  for (const suffix of ['sub', 'pub']) {
    const client = new PahoSession({ paho, url, clientId: `${clientId}/${suffix}` })
    await client.connect('clean')
    if (suffix === 'pub' && retainedTopic !== undefined)
      await client.publish({ topic: retainedTopic, payload: '', qos: 1, retain: true })
    client.disconnect()
  }
}

function resultOf(report: LabReport, by: string): LabResult {
  const test: LabTest | undefined = findLabTest(report.test)
  if (test === undefined) throw new Error(`there is no test ${report.test}`)
  const judged = judge({ ...test, params: report.params }, report, standardFacts)
  return {
    ...report,
    ...judged,
    expected: [...judged.expected],
    at: new Date().toISOString(),
    by,
    timeline: [],
  }
}
