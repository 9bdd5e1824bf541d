// What does a connection cost that is just there: time to connect, and memory?
import { Client } from '../generator/client.ts'
import { LatencyRecorder } from '../generator/latency.ts'
import type { Load, Run } from '../generator/load.ts'
import { type Measurement, Stopwatch } from '../generator/measurement.ts'
import { inParallel, waitSeconds } from '../generator/wait.ts'
import { sourceAddress } from './source-address.ts'

const connectionCount = 10_000
const handshakesAtOnce = 100
/** Seconds to let the broker settle, and the time over which its idle CPU is read. */
const settleSeconds = 1

export const idleConnections: Load = {
  name: 'idle-connections',
  question: `${connectionCount} clients connect, subscribe to a topic each and stay; latency is TCP connect to SUBACK`,
  favours: 'throughput',
  unit: 'connection',
  run: runIdle,
}

async function runIdle(run: Run): Promise<Measurement> {
  const count = Math.min(connectionCount, run.connectionsMax)
  const latency = new LatencyRecorder()
  const stopwatch = new Stopwatch(run.target.processId, run.cores)
  stopwatch.begin()
  const clients = await inParallel(count, handshakesAtOnce, async index => {
    const startedAt = performance.now()
    const client = await Client.connect({
      target: run.target,
      transport: 'tcp',
      clientId: `bench-idle-${index}`,
      cleanSession: true,
      localAddress: sourceAddress(index),
    })
    await client.subscribe(`bench/idle/${index}`, 0)
    latency.record(performance.now() - startedAt)
    return client
  })
  stopwatch.end()
  const idle = new Stopwatch(run.target.processId, null)
  idle.begin()
  await waitSeconds(settleSeconds)
  idle.end()

  const result = stopwatch.result(count, latency.percentiles())
  const grownBytes = result.residentBytesAfter - result.residentBytesBefore
  result.notes.push(`${(grownBytes / count / 1024).toFixed(1)} kB each`)
  result.notes.push(`${(idle.result(count, null).brokerBusy * 100).toFixed(0)} % of a core while idle`)
  if (count < connectionCount) result.notes.push(`only ${count}: the limit of open files allows no more`)
  for (const client of clients) client.destroy()
  return result
}
