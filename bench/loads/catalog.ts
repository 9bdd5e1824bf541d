// Lists the loads in the order in which they run.
import type { Load } from '../generator/load.ts'
import { connectRate } from './connect-rate.ts'
import { durablePublish } from './durable-publish.ts'
import { fanIn } from './fan-in.ts'
import { fanOut } from './fan-out.ts'
import { idleConnections } from './idle-connections.ts'
import { offlineDrain } from './offline-drain.ts'
import { offlineEnqueue } from './offline-enqueue.ts'
import { offlineFanOut } from './offline-fan-out.ts'
import { offlineSessionMemory } from './offline-session-memory.ts'
import { pacedPairs } from './paced-pairs.ts'
import { pairs } from './pairs.ts'
import { persistentPairs } from './persistent-pairs.ts'

export const loads: readonly Load[] = [
  ...pairs,
  ...fanOut,
  ...fanIn,
  pacedPairs,
  persistentPairs,
  offlineEnqueue,
  offlineDrain,
  ...durablePublish,
  offlineFanOut,
  connectRate,
  idleConnections,
  offlineSessionMemory,
]
