// What does it cost to come and go: connect, CONNECT, CONNACK, DISCONNECT, close?
import { Client } from '../generator/client.ts'
import { LatencyRecorder } from '../generator/latency.ts'
import type { Load, Run } from '../generator/load.ts'
import { type Measurement, Stopwatch } from '../generator/measurement.ts'
import { waitSeconds } from '../generator/wait.ts'
import { sourceAddress } from './source-address.ts'

const clientsAtOnce = 50

export const connectRate: Load = {
  name: 'connect-rate',
  question: `${clientsAtOnce} clients connect and disconnect in turns, TCP; latency is TCP connect to CONNACK`,
  favours: 'throughput',
  unit: 'connection',
  run: runConnects,
}

async function runConnects(run: Run): Promise<Measurement> {
  const stopwatch = new Stopwatch(run.target.processId, run.cores)
  const latency = new LatencyRecorder()
  let state: 'running' | 'stopped' = 'running'
  let started = 0
  let done = 0
  const lane = async (): Promise<void> => {
    while (state === 'running') {
      const index = started++
      const startedAt = performance.now()
      const client = await Client.connect({
        target: run.target,
        transport: 'tcp',
        clientId: `bench-connect-${index}`,
        cleanSession: true,
        localAddress: sourceAddress(index),
      })
      latency.record(performance.now() - startedAt)
      await client.disconnect()
      done++
    }
  }
  const lanes = Promise.all(Array.from({ length: clientsAtOnce }, lane))
  await Promise.race([lanes, waitSeconds(run.warmUpSeconds)])
  latency.clear()
  const doneBefore = done
  stopwatch.begin()
  await Promise.race([lanes, waitSeconds(run.seconds)])
  stopwatch.end()
  const result = stopwatch.result(done - doneBefore, latency.percentiles())
  state = 'stopped'
  await lanes
  return result
}
