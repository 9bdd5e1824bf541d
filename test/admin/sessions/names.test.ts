// Client ids and topic filters of any form, through every route that has one in its path.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pathSegment } from '../../../shared/path-segment.ts'
import { administeredForFile } from '../../harness/checked-admin.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { subscribeAndLeave } from '../../harness/sessions.ts'

const { broker, admin } = administeredForFile({ 'client-id-bytes-max': 1_024 })

const names = [
  'a/b//c/',
  '#',
  '+',
  'a#b?c=d&e',
  '100%',
  '%2F',
  '%',
  'two words',
  '.',
  '..',
  '../sessions',
  '~',
  '~.',
  '"quoted"\\',
  'sensor:queue',
  '😀 müde',
  '=HYPERLINK("x")',
  'x'.repeat(1_024),
  '😀'.repeat(256),
]

for (const clientId of names) {
  const title =
    clientId.length > 40 ? `${clientId.slice(0, 2)}... of ${Buffer.byteLength(clientId)} bytes` : clientId
  test(`every route finds ${title}`, async () => {
    const path = `/sessions/${pathSegment(clientId)}`
    const topicFilter = '../#'
    await subscribeAndLeave(broker, clientId, topicFilter, 1)
    const publisher = await RawClient.connected(broker)
    for (const payload of ['one', 'two']) await publisher.publish({ topic: '../t', payload, qos: 1 })
    const match = () => {
      const { generation, version } = broker.session(clientId)
      return { 'if-match': `"${generation}.${version}"` }
    }
    assert.equal((await admin().get(path)).clientId, clientId)
    assert.equal(
      (await admin().get(`/sessions:lookup?clientId=${encodeURIComponent(clientId)}`)).clientId,
      clientId,
    )
    const { data: messages } = await admin().get(`${path}/queue`)
    assert.equal(messages.length, 2)
    const { seq } = messages[0]
    assert.equal((await admin().get(`${path}/queue/${seq}/payload?as=text`)).data, 'one')
    assert.equal((await admin().get(`${path}/subscriptions`)).data[0].topicFilter, topicFilter)
    await admin().get(`${path}/inflight`)
    await admin().get(`${path}/diagnosis`)
    await admin().get(`${path}/losses`)
    assert.equal((await admin().get(`${path}/events?limit=1`)).data[0].clientId, clientId)
    await admin().patch(path, { never: true }, 200, match())
    await admin().post(`${path}/hold`, { seconds: 60 })
    await admin().delete(`${path}/hold`)
    assert.equal((await admin().delete(`${path}/queue/${seq}`)).messages, 1)
    assert.equal((await admin().delete(`${path}/queue`, 200, match())).messages, 1)
    await admin().post(`${path}/subscriptions`, { topicFilter: '.' })
    for (const one of [topicFilter, '.']) await admin().delete(`${path}/subscriptions/${pathSegment(one)}`)
    await admin().delete(`${path}/connection`, 409)
    await admin().post(`${path}/expire`, {}, 200, match())
    assert.equal((await admin().get(path, 404)).last.what, 'expired')
    await subscribeAndLeave(broker, clientId, topicFilter, 1)
    assert.equal((await admin().delete(path, 200, match())).result, 'cleaned')
  })
}

test('a path longer than any client id is told so', async () => {
  const answer = await admin().client.get(`/sessions/${'x'.repeat(15_000)}`)
  assert.ok([414, 431].includes(answer.status), `${answer.status}`)
})
