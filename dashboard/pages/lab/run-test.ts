// Runs one test with Paho JS in this page, and reports what was seen; it does not judge.

import type { LabPacket, LabReport, LabRole } from '../../../shared/lab.ts'
import { paramsOf } from '../../../shared/lab-expected.ts'
import type { KeepingFacts } from '../../../shared/lab-facts.ts'
import type { LabTest } from '../../../shared/lab-tests.ts'
import { type Paho, PahoSession } from '../../paho/paho-session.ts'
import { PacketRecord } from './packet-record.ts'
import { scripts } from './scripts.ts'
import type { Stage } from './stage.ts'

/** Messages for the subscriber beside those that it was away for. */
const OTHERS = 2

export interface TestGiven {
  readonly paho: Paho
  readonly url: string
  /** Up to `/sub` and `/pub`. */
  readonly clientId: string
  readonly topic: string
  readonly facts: KeepingFacts
  /** Resolves when the step may begin. */
  readonly step: (title: string) => Promise<void>
  readonly act: Stage['act']
  /** Hears of packets as they come. */
  readonly onPackets: (packets: () => readonly LabPacket[]) => void
}

export interface Ran {
  readonly report: LabReport
  /** Why it did not come to its end. */
  readonly error: unknown
}

export async function runTest(test: LabTest, given: TestGiven): Promise<Ran> {
  const record = new PacketRecord(() => given.onPackets(() => record.packets))
  const clients = {
    subscriber: client('subscriber', 'sub', given, record),
    publisher: client('publisher', 'pub', given, record),
    second: client('second', 'sub', given, record),
  }
  const params = paramsOf(test, given.facts)
  const report = { test: test.id, params }
  const stage: Stage = {
    ...clients,
    params,
    topic: given.topic,
    isTight: params.messages + OTHERS >= given.facts.queueMessagesMax,
    act: given.act,
    step: async title => {
      record.begin(title)
      await given.step(title)
    },
  }
  try {
    const observed = await scripts[test.script](stage)
    return {
      report: {
        ...report,
        observed: [...observed],
        problem: null,
        ms: record.ms,
        packets: [...record.packets],
      },
      error: undefined,
    }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return {
      report: { ...report, observed: [], problem, ms: record.ms, packets: [...record.packets] },
      error,
    }
  } finally {
    for (const one of Object.values(clients)) {
      one.disconnect()
      one.forget()
    }
  }
}

function client(who: LabRole, suffix: string, { paho, url, clientId }: TestGiven, record: PacketRecord) {
  return new PahoSession({
    paho,
    url,
    clientId: `${clientId}/${suffix}`,
    onPacket: packet => record.add(who, packet),
    onLost: () => record.lost(who),
  })
}
