// `holdfast sessions` against a broker with real sessions.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminCliForFile } from '../../harness/admin-cli.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { payloads, resume, subscribeAndLeave } from '../../harness/sessions.ts'

const broker = inProcessBrokerForFile({ 'queue-messages-max': 2 })
const holdfast = adminCliForFile(broker)

async function away(clientId: string, topic: string, ...messages: readonly string[]): Promise<void> {
  await subscribeAndLeave(broker, clientId, topic, 1)
  const publisher = await RawClient.connected(broker)
  for (const payload of messages) await publisher.publish({ topic, payload, qos: 1 })
}

test('one filter lists, counts and exports the same sessions', async () => {
  await away('list-1', 'list/1', 'a')
  await away('list-2', 'list/2', 'a', 'b')
  await away('other', 'list/3')
  const filter = ['--filter', 'id:list-*']
  const out = await holdfast.done('sessions', 'list', ...filter, '--sort', '-queued')
  assert.match(out, /^CLIENT ID +STATE .*\nlist-2 +waiting +2 +100 % .*\nlist-1 +waiting +1 +50 % .*\n$/)
  assert.equal(await holdfast.done('sessions', 'count', ...filter), '2\n')
  const exported = (await holdfast.done('sessions', 'export', ...filter)).trim().split('\n')
  assert.deepEqual(exported.map(line => JSON.parse(line).clientId).sort(), ['list-1', 'list-2'])
  const full = await holdfast.json('sessions', 'list', '--filter', 'full>=100%')
  assert.deepEqual(
    full.map(({ clientId }) => clientId),
    ['list-2'],
  )
  const short = await holdfast.run(['sessions', 'list', ...filter, '--limit', '1'])
  assert.match(short.err, /^These are 1 of 2 sessions; --limit N/)
})

test('a session is shown with its queue, subscriptions, timeline and diagnosis, and keeps it all', async () => {
  const clientId = 'look/at #me'
  await away(clientId, 'look', 'one', 'two')
  assert.match(await holdfast.done('sessions', 'show', clientId), /^Queued +2 of 2 messages, /m)
  assert.match(await holdfast.done('sessions', 'queue', clientId, '--payload'), /waiting +look +1 .* one$/m)
  assert.match(await holdfast.done('sessions', 'inflight', clientId), /^The client is not connected\./)
  assert.match(await holdfast.done('sessions', 'subscriptions', clientId), /^look +1 .*yes/m)
  assert.match(
    await holdfast.done('sessions', 'timeline', clientId),
    /(?:ago|now) +disconnect +The client disconnected +-$/m,
  )
  assert.match(await holdfast.done('sessions', 'diagnose', clientId), /queue-full/)
  assert.deepEqual(await payloads(await resume(broker, clientId), 2), ['one', 'two'])
  assert.equal((await holdfast.run(['sessions', 'show', 'nobody'])).code, 3)
})

test('clean, expire and clear take away what undo brings back', async () => {
  for (const verb of ['clean', 'expire', 'clear']) {
    await away(`${verb}-1`, verb, 'one', 'two')
    const out = await holdfast.done('sessions', verb, `${verb}-1`, '--reason', 'try')
    const [, id = ''] = /holdfast undo (\S+)\n$/.exec(out) ?? []
    assert.match(await holdfast.done('undo', id), /with 2 messages\.\n$/)
    assert.deepEqual(await payloads(await resume(broker, `${verb}-1`), 2), ['one', 'two'], verb)
  }
})

test('kick, hold, release, set-expiry, subscribe and unsubscribe', async () => {
  const client = await resume(broker, 'acted')
  assert.match(await holdfast.done('sessions', 'kick', 'acted'), /^Disconnected "acted"/)
  await client.expectDisconnect('administrative-action')
  const again = await holdfast.run(['sessions', 'kick', 'acted'])
  assert.equal(again.code, 4, again.err)
  await holdfast.done('sessions', 'hold', 'acted', '--for', '1m')
  assert.match(await holdfast.done('sessions', 'show', 'acted'), /^Held +until in (59|60) s/m)
  await holdfast.done('sessions', 'release', 'acted')
  await holdfast.done('sessions', 'set-expiry', 'acted', '--after', 'never', '--pin')
  assert.match(await holdfast.done('sessions', 'show', 'acted'), /^Expires +never \(pinned\)/m)
  await holdfast.done('sessions', 'subscribe', 'acted', 'a/#')
  assert.match(await holdfast.done('sessions', 'subscriptions', 'acted'), /^a\/# /m)
  await holdfast.done('sessions', 'unsubscribe', 'acted', 'a/#')
  assert.equal((await holdfast.json('sessions', 'subscriptions', 'acted')).length, 0)
})
