// What does a queued message cost when its session comes back and takes it?
import { Client } from '../generator/client.ts'
import { LatencyRecorder } from '../generator/latency.ts'
import type { Load, Run } from '../generator/load.ts'
import { type Measurement, Stopwatch } from '../generator/measurement.ts'
import { Rounds } from '../generator/rounds.ts'
import { connectConcurrency, stallSeconds } from '../generator/saturate.ts'
import { inParallel, waitUntil } from '../generator/wait.ts'
import { peerLimits } from '../peers/peer.ts'
import {
  acknowledgedMessages,
  connectFilling,
  fillingOfEach,
  leaveOfflineSessions,
  offlineClientId,
  offlineSessionCount,
  offlineTopics,
  startFilling,
} from './offline-sessions.ts'

/** Queued messages per session for each second that was asked for; the drain itself takes as long as it takes. */
const messagesPerSessionSecond = 1000

export const offlineDrain: Load = {
  name: 'offline-drain-qos1-tcp',
  question: `${offlineSessionCount} sessions with full queues reconnect at once and drain them, QoS 1, TCP`,
  favours: 'throughput',
  unit: 'message',
  run: runDrain,
}

async function runDrain(run: Run): Promise<Measurement> {
  await leaveOfflineSessions(run, offlineTopics)
  const queued = await fillQueues(run)
  let drained = 0
  const rounds = new Rounds(() => drained, offlineSessionCount * peerLimits.messagesInFlight)
  const stopwatch = new Stopwatch(run.target.processId, run.cores)
  stopwatch.begin()
  rounds.start()
  const clients = await inParallel(offlineSessionCount, connectConcurrency, index =>
    Client.connect({
      target: run.target,
      transport: 'tcp',
      clientId: offlineClientId(index),
      cleanSession: false,
      onPublish: () => {
        drained++
      },
    }),
  )
  await waitUntil(
    () => drained >= queued,
    () => drained,
    stallSeconds,
  )
  stopwatch.end()
  rounds.stop()
  const result = stopwatch.result(drained, null)
  if (drained !== queued) result.notes.push(`LOST: ${drained} of ${queued} messages arrived`)
  await Promise.all(clients.map(client => client.disconnect()))
  return result
}

async function fillQueues(run: Run): Promise<number> {
  const messagesPerSession = Math.ceil(run.seconds * messagesPerSessionSecond)
  const filling = await connectFilling(run, fillingOfEach(messagesPerSession), new LatencyRecorder().record)
  startFilling(filling)
  const outcome = await waitUntil(
    () => filling.flows.every(flow => flow.isFinished),
    () => acknowledgedMessages(filling),
    stallSeconds,
  )
  if (outcome === 'stalled') throw new Error('the broker stopped acknowledging while the queues were filled')
  await Promise.all(filling.publishers.map(client => client.disconnect()))
  return acknowledgedMessages(filling)
}
