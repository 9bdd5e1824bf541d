// After a large start, gives back at once what the scan has left behind: nothing else would collect it for minutes.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

interface Collection {
  readonly type: 'major'
  readonly execution: 'sync'
  /** Compacts as well, so that pages of the heap become free. */
  readonly flavor: 'last-resort'
}

/** Below so many records it is not worth the tenths of a second that it stops the thread for. */
const RECORDS_MIN = 10_000

export function giveBackMemory(records: number): void {
  if (records < RECORDS_MIN) return
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (collection: Collection) => void
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  setFlagsFromString('--no-expose-gc')
}
