// The durable store without a broker, for tests that work on it and then look at its files.

import { SystemClock } from '../../server/clock.ts'
import { TopicTable } from '../../server/protocol/topic.ts'
import { EmbeddedStore } from '../../server/store/embedded/embedded-store.ts'
import type { Damage } from '../../server/store/embedded/messages.ts'
import type { Queue, Store } from '../../server/store/store.ts'
import { ROOMY } from '../store/contract/subject.ts'

/** Damage is an error unless somebody asks for it. */
export function embeddedStore(dataDirectory: string, damaged?: (damage: Damage) => void): EmbeddedStore {
  const fail = (what: unknown): never => {
    throw new Error(JSON.stringify(what))
  }
  return new EmbeddedStore({
    dataDirectory,
    durability: 'os',
    bytesMax: 1e9,
    clock: new SystemClock(),
    limits: ROOMY,
    topics: new TopicTable({ topicBytesMax: 65_535, topicLevelsMax: 64 }),
    damaged: damaged ?? fail,
    fatal: fail,
  })
}

/** By sequence number, oldest first. */
export async function payloadsOf(store: Store, queue: Queue): Promise<ReadonlyMap<number, string>> {
  const seqs = store.browse(queue, 0, 1_000_000).map(one => one.seq)
  const bodies = await store.read(queue, seqs)
  return new Map(seqs.map(seq => [seq, bodies.get(seq)?.payload.toString() ?? '?']))
}
