// What does it cost to take on a message for a session that is away, and how long does its publisher wait?
import type { Load } from '../generator/load.ts'
import { fillQueues, withMemoryEach } from './fill-queues.ts'
import {
  fillingOfEach,
  leaveOfflineSessions,
  offlineSessionCount,
  offlineTopics,
} from './offline-sessions.ts'

/** Messages per session and second of the run after which it ends early, so that memory stays bounded. */
const messagesPerSessionSecond = 2000

export const offlineEnqueue: Load = {
  name: 'offline-enqueue-qos1-tcp',
  question: `${offlineSessionCount} publishers fill the queues of ${offlineSessionCount} sessions that are away, QoS 1, TCP; latency is PUBLISH to PUBACK`,
  favours: 'throughput',
  unit: 'message',
  run: async run => {
    await leaveOfflineSessions(run, offlineTopics)
    const plan = fillingOfEach(Math.ceil(run.seconds * messagesPerSessionSecond))
    // No warm-up: every message taken on stays, so a warm-up would fill the queues too.
    const filled = { ...plan, sessionsPerMessage: 1, reads: 'in-rounds', warmUpSeconds: 0 } as const
    return withMemoryEach(await fillQueues(run, filled))
  },
}
