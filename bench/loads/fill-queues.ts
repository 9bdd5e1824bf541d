// Measures how publishers fill the queues of sessions that are away: until the time is up or they are done.
import { LatencyRecorder } from '../generator/latency.ts'
import type { Run } from '../generator/load.ts'
import { type Measurement, Stopwatch } from '../generator/measurement.ts'
import { Rounds } from '../generator/rounds.ts'
import { stallSeconds } from '../generator/saturate.ts'
import { waitSeconds, waitUntil } from '../generator/wait.ts'
import {
  acknowledgedMessages,
  connectFilling,
  type FillingPlan,
  messagesUnderWayMax,
  startFilling,
} from './offline-sessions.ts'

export type Filled = FillingPlan & {
  /** Sessions that each message is queued for; each of them counts. */
  sessionsPerMessage: number
  /** 'at-once' where what is asked is how long a publisher waits: a rest would be part of it. */
  reads: 'in-rounds' | 'at-once'
  /** 0 where all that is queued has to be counted. */
  warmUpSeconds: number
}

export async function fillQueues(run: Run, filled: Filled): Promise<Measurement> {
  const { sessionsPerMessage, reads, warmUpSeconds } = filled
  const latency = new LatencyRecorder()
  const filling = await connectFilling(run, filled, latency.record)
  const acknowledged = (): number => acknowledgedMessages(filling)
  const rounds = new Rounds(acknowledged, messagesUnderWayMax(filled))
  const stopwatch = new Stopwatch(run.target.processId, run.cores)
  if (reads === 'in-rounds') rounds.start()
  startFilling(filling)
  if (warmUpSeconds > 0) await waitSeconds(warmUpSeconds)
  latency.clear()
  const before = acknowledged()
  stopwatch.begin()
  const outcome = await waitUntil(
    () => stopwatch.elapsedSeconds >= run.seconds || filling.flows.every(flow => flow.isFinished),
    acknowledged,
    stallSeconds,
  )
  stopwatch.end()
  rounds.stop()
  const count = (acknowledged() - before) * sessionsPerMessage
  const result = stopwatch.result(count, latency.percentiles())
  if (outcome === 'stalled') result.notes.push('STALLED: no acknowledgement for a while')

  for (const flow of filling.flows) flow.stop()
  await waitUntil(() => filling.flows.every(flow => flow.isFinished), acknowledged, stallSeconds)
  const sent = filling.flows.reduce((sum, flow) => sum + flow.sentMessages, 0)
  if (acknowledged() !== sent) result.notes.push(`LOST: ${acknowledged()} of ${sent} were acknowledged`)
  await Promise.all(filling.publishers.map(client => client.disconnect()))
  return result
}

/** Only where nothing was queued before the measured part, and clients are too few to matter. */
export function withMemoryEach(measurement: Measurement): Measurement {
  const { residentBytesAfter, residentBytesBefore, count, notes } = measurement
  const each = Math.round((residentBytesAfter - residentBytesBefore) / count)
  return { ...measurement, notes: [...notes, `${each} bytes of memory per queued message`] }
}
