// `holdfast events --follow` and `holdfast top`: what is seen as it happens.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminCliForFile } from '../../harness/admin-cli.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { resume } from '../../harness/sessions.ts'

const broker = inProcessBrokerForFile()
const holdfast = adminCliForFile(broker)

test('events are printed as they happen, and only those that were asked for', async () => {
  const argv = ['events', '--follow', '--kind', 'connect', '--limit', '2', '--json']
  let isOver = false
  const followed = holdfast.run(argv).finally(() => {
    isOver = true
  })
  // Events before the stream has begun are not told, so there are some until it has ended.
  for (let number = 1; !isOver && number <= 40; number++) {
    await (await resume(broker, `live-${number}`)).disconnect()
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  const { code, out, err } = await followed
  assert.equal(code, 0, err)
  const events = out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['connect', 'connect'],
  )
})
