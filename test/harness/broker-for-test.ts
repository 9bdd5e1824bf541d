// A broker of a test's own, with settings that the other tests of its file must not have.

import { after } from 'node:test'
import { startBroker, type TestBroker } from './broker.ts'
import type { Settings } from './broker-program.ts'

/** Stops when the test ends, also when it fails: a broker that went on would keep the whole test file from ending. */
export async function brokerForTest(settings: Settings): Promise<TestBroker> {
  const broker = await startBroker({ settings })
  // Inside a running test, node:test's `after` belongs to that test.
  after(async () => {
    if (broker.state === 'running') await broker.stop()
  })
  return broker
}
