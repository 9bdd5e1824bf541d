// What does a message cost when many clients feed one that listens with a wildcard?
import { saturate } from '../generator/saturate.ts'
import { eachVariant, numberedTopics } from './variants.ts'

const publisherCount = 100

export const fanIn = eachVariant(({ qos, transport, suffix, words }) => ({
  name: `fan-in-${suffix}`,
  question: `${publisherCount} publishers to 1 receiver, saturated, ${words}`,
  favours: 'throughput',
  unit: 'message',
  run: run =>
    saturate(run, {
      qos,
      transport,
      session: 'clean',
      publishTopics: numberedTopics('bench/fan-in', publisherCount),
      receiveFilters: ['bench/fan-in/+'],
      receiversPerMessage: 1,
      // Many windows meet in one receiver, which so has at most 6,400 messages coming.
      blockMessages: 32,
      blocksUnderWay: 2,
    }),
}))
