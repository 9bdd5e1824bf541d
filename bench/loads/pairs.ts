// What does a message cost that goes from one client to one other, when the broker is busy with nothing else?
import { saturate } from '../generator/saturate.ts'
import { eachVariant, numberedTopics } from './variants.ts'

const pairCount = 100

export const pairs = eachVariant(({ qos, transport, suffix, words }) => ({
  name: `pairs-${suffix}`,
  question: `${pairCount} publishers, each to a receiver of its own, saturated, ${words}`,
  favours: 'throughput',
  unit: 'message',
  run: run =>
    saturate(run, {
      qos,
      transport,
      session: 'clean',
      publishTopics: numberedTopics('bench/pair', pairCount),
      receiveFilters: numberedTopics('bench/pair', pairCount),
      receiversPerMessage: 1,
      blockMessages: 32,
      blocksUnderWay: 2,
    }),
}))
