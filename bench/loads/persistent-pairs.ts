// What does a message cost when both sessions outlive their connections, so that the broker owes them safety?
import type { Load } from '../generator/load.ts'
import { saturate } from '../generator/saturate.ts'
import { numberedTopics } from './variants.ts'

const pairCount = 100

export const persistentPairs: Load = {
  name: 'persistent-pairs-qos1-tcp',
  question: `${pairCount} pairs with persistent sessions, all online, saturated, QoS 1, TCP`,
  favours: 'throughput',
  unit: 'message',
  run: run =>
    saturate(run, {
      qos: 1,
      transport: 'tcp',
      session: 'persistent',
      publishTopics: numberedTopics('bench/persistent', pairCount),
      receiveFilters: numberedTopics('bench/persistent', pairCount),
      receiversPerMessage: 1,
      blockMessages: 32,
      blocksUnderWay: 2,
    }),
}
