// What does a session cost that is away, with two subscriptions and nothing queued?
import { Client } from '../generator/client.ts'
import { LatencyRecorder } from '../generator/latency.ts'
import type { Load, Run } from '../generator/load.ts'
import { type Measurement, Stopwatch } from '../generator/measurement.ts'
import { inParallel, waitSeconds } from '../generator/wait.ts'
import { sourceAddress } from './source-address.ts'

/** Sessions for each second that was asked for: 20,000 in a run of five seconds. */
const sessionsPerSecond = 4000
const clientsAtOnce = 50
/** Seconds to let the broker settle before its memory is read. */
const settleSeconds = 1

export const offlineSessionMemory: Load = {
  name: 'offline-session-memory',
  question: `${sessionsPerSecond} sessions for each second asked for connect, subscribe twice and leave; latency is TCP connect to the second SUBACK`,
  favours: 'throughput',
  unit: 'connection',
  run: runSessions,
}

async function runSessions(run: Run): Promise<Measurement> {
  const count = Math.ceil(run.seconds * sessionsPerSecond)
  const latency = new LatencyRecorder()
  const stopwatch = new Stopwatch(run.target.processId, run.cores)
  stopwatch.begin()
  await inParallel(count, clientsAtOnce, async index => {
    const startedAt = performance.now()
    const client = await Client.connect({
      target: run.target,
      transport: 'tcp',
      clientId: `bench-session-${index}`,
      cleanSession: false,
      localAddress: sourceAddress(index),
    })
    await client.subscribe(`bench/session/${index}/one`, 1)
    await client.subscribe(`bench/session/${index}/two`, 1)
    latency.record(performance.now() - startedAt)
    await client.disconnect()
  })
  stopwatch.end()
  await waitSeconds(settleSeconds)
  const result = stopwatch.result(count, latency.percentiles())
  const grownBytes = result.residentBytesAfter - result.residentBytesBefore
  result.notes.push(`${(grownBytes / count / 1024).toFixed(2)} kB each`)
  return result
}
