// What does an acknowledgement that waits for the disk cost, and how long does a publisher wait that waits for each?
import type { Load } from '../generator/load.ts'
import { fillQueues } from './fill-queues.ts'
import { leaveOfflineSessions, offlineTopics } from './offline-sessions.ts'

/** From one that waits for a sync each time to as many as share each sync. */
const publisherCounts = [1, 16, 256, 4096]

export const durablePublish: readonly Load[] = publisherCounts.map(durablePublishOf)

function durablePublishOf(publishers: number): Load {
  const who = publishers === 1 ? '1 publisher sends its' : `${publishers} publishers send each their`
  return {
    name: `durable-publish-${publishers}-qos1-tcp`,
    question: `${who} next message to a session that is away when the last one is acknowledged, QoS 1, TCP; holdfast on disk, the peers in memory`,
    favours: 'latency',
    unit: 'message',
    store: 'embedded',
    run: async run => {
      await leaveOfflineSessions(run, offlineTopics)
      const topics = Array.from(
        { length: publishers },
        (_, index) => offlineTopics[index % offlineTopics.length] as string,
      )
      const window = { blockMessages: 1, blocksUnderWay: 1 }
      const { warmUpSeconds } = run
      return fillQueues(run, { topics, ...window, sessionsPerMessage: 1, reads: 'at-once', warmUpSeconds })
    },
  }
}
