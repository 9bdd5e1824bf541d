// The durable engine, held to the contract of all engines, what survives included.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SystemClock } from '../../server/clock.ts'
import { TopicTable } from '../../server/protocol/topic.ts'
import { EmbeddedStore } from '../../server/store/embedded/embedded-store.ts'
import { type OpenedStore, ROOMY, type StoreOptions } from './contract/subject.ts'
import { storeContract } from './contract.ts'

storeContract('embedded', openEmbedded, 'reopening')

/** Its files are on a disk, but nothing here cuts the power: what survives that is tested apart. */
async function openEmbedded({ bytesMax }: StoreOptions): Promise<OpenedStore> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'holdfast-store-'))
  const create = (): EmbeddedStore =>
    new EmbeddedStore({
      dataDirectory,
      durability: 'os',
      bytesMax,
      clock: new SystemClock(),
      limits: ROOMY,
      topics: new TopicTable({ topicBytesMax: 65_535, topicLevelsMax: 64 }),
      damaged: damage => {
        throw new Error(`a record is damaged: ${JSON.stringify(damage)}`)
      },
      fatal: message => {
        throw new Error(message)
      },
    })
  return {
    store: create(),
    reopen: async () => create(),
    dispose: () => rm(dataDirectory, { recursive: true }),
  }
}
