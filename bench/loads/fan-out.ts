// What does a delivery cost when one message goes to many?
import { saturate } from '../generator/saturate.ts'
import { eachVariant } from './variants.ts'

const receiverCount = 100

export const fanOut = eachVariant(({ qos, transport, suffix, words }) => ({
  name: `fan-out-${suffix}`,
  question: `1 publisher to ${receiverCount} receivers, saturated, ${words}`,
  favours: 'throughput',
  unit: 'message',
  run: run =>
    saturate(run, {
      qos,
      transport,
      session: 'clean',
      publishTopics: ['bench/fan-out'],
      receiveFilters: Array.from({ length: receiverCount }, () => 'bench/fan-out'),
      receiversPerMessage: receiverCount,
      blockMessages: 32,
      blocksUnderWay: 2,
    }),
}))
