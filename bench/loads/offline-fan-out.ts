// What does it cost to queue one message for many sessions that are away, when its body is kept once?
import type { Load } from '../generator/load.ts'
import { fillQueues, withMemoryEach } from './fill-queues.ts'
import { leaveOfflineSessions } from './offline-sessions.ts'

const sessionCount = 1000
const publisherCount = 16
const topic = 'bench/offline/all'
/** Messages of a publisher, and second of the run, after which it ends early: each of them fills all queues. */
const messagesPerSecond = 60

export const offlineFanOut: Load = {
  name: 'offline-fan-out-qos1-tcp',
  question: `${publisherCount} publishers send to ${sessionCount} sessions that are away, each message to all of them, QoS 1, TCP; holdfast on disk, the peers in memory; latency is PUBLISH to PUBACK`,
  favours: 'latency',
  unit: 'message',
  store: 'embedded',
  run: async run => {
    await leaveOfflineSessions(
      run,
      Array.from({ length: sessionCount }, () => topic),
    )
    const measurement = await fillQueues(run, {
      topics: Array.from({ length: publisherCount }, () => topic),
      blockMessages: 1,
      blocksUnderWay: 1,
      messagesMax: Math.ceil(run.seconds * messagesPerSecond),
      sessionsPerMessage: sessionCount,
      reads: 'at-once',
      // All that is queued is counted, for the queues are bounded.
      warmUpSeconds: 0,
    })
    return withMemoryEach(measurement)
  },
}
