// What does it cost to take on a message for a session that is away, and how long does its publisher wait?
import { LatencyRecorder } from '../generator/latency.ts'
import type { Load, Run } from '../generator/load.ts'
import { type Measurement, Stopwatch } from '../generator/measurement.ts'
import { Rounds } from '../generator/rounds.ts'
import { stallSeconds } from '../generator/saturate.ts'
import { waitUntil } from '../generator/wait.ts'
import {
  acknowledgedMessages,
  connectFilling,
  leaveOfflineSessions,
  messagesUnderWayMax,
  offlineSessionCount,
  startFilling,
} from './offline-sessions.ts'

/** Messages per session and second of the run after which it ends early, so that memory stays bounded. */
const messagesPerSessionSecond = 2000

export const offlineEnqueue: Load = {
  name: 'offline-enqueue-qos1-tcp',
  question: `${offlineSessionCount} publishers fill the queues of ${offlineSessionCount} sessions that are away, QoS 1, TCP; latency is PUBLISH to PUBACK`,
  favours: 'throughput',
  unit: 'message',
  run: runEnqueue,
}

async function runEnqueue(run: Run): Promise<Measurement> {
  await leaveOfflineSessions(run)
  const latency = new LatencyRecorder()
  const filling = await connectFilling(run, Math.ceil(run.seconds * messagesPerSessionSecond), latency.record)
  const acknowledged = (): number => acknowledgedMessages(filling)
  const rounds = new Rounds(acknowledged, messagesUnderWayMax)
  const stopwatch = new Stopwatch(run.target.processId, run.cores)

  // No warm-up: every message taken on stays, so a warm-up would fill the queues too.
  stopwatch.begin()
  rounds.start()
  startFilling(filling)
  const outcome = await waitUntil(
    () => stopwatch.elapsedSeconds >= run.seconds || filling.flows.every(flow => flow.isFinished),
    acknowledged,
    stallSeconds,
  )
  stopwatch.end()
  rounds.stop()
  const count = acknowledged()
  const result = stopwatch.result(count, latency.percentiles())
  if (outcome === 'stalled') result.notes.push('STALLED: no acknowledgement for a while')
  const grownBytes = result.residentBytesAfter - result.residentBytesBefore
  result.notes.push(`${Math.round(grownBytes / count)} bytes of memory per queued message`)

  for (const flow of filling.flows) flow.stop()
  await waitUntil(() => filling.flows.every(flow => flow.isFinished), acknowledged, stallSeconds)
  const sent = filling.flows.reduce((sum, flow) => sum + flow.sentMessages, 0)
  if (acknowledged() !== sent) result.notes.push(`LOST: ${acknowledged()} of ${sent} were acknowledged`)
  await Promise.all(filling.publishers.map(client => client.disconnect()))
  return result
}
