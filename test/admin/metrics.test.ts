// GET /metrics of a running broker: what happened to it is what it counts, and who may read it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as passed } from 'node:timers/promises'
import { type AdminClient, setUp, withKey } from '../harness/admin-client.ts'
import { brokerForFile } from '../harness/broker.ts'
import { brokerForTest } from '../harness/broker-for-test.ts'
import { scrape } from '../harness/exposition.ts'
import { InProcessBroker } from '../harness/in-process-broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { resume, subscribeAndLeave } from '../harness/sessions.ts'

const broker = brokerForFile({ metrics: 'open', 'queue-messages-max': 4, 'sys-interval': 'off' })

test('counts messages in and out, their bytes, and what the disk has taken', async () => {
  const before = await scrape(broker.httpUrl)
  await subscribeAndLeave(broker, 'metrics-away', 'metrics/away', 1)
  const publisher = await RawClient.connected(broker, { clientId: 'metrics-publisher' })
  for (let count = 0; count < 3; count++)
    await publisher.publish({ topic: 'metrics/away', payload: 'twelve bytes', qos: 1 })
  const after = await scrape(broker.httpUrl)
  const grown = (name: string, labels = {}): number => after.value(name, labels) - before.value(name, labels)
  assert.equal(grown('holdfast_mqtt_received_messages_total'), 3)
  assert.equal(grown('holdfast_mqtt_received_payload_bytes_total'), 36)
  assert.ok(grown('holdfast_mqtt_received_bytes_total') > 36)
  assert.equal(grown('holdfast_queue_messages'), 3)
  assert.equal(after.value('holdfast_store_messages', { store: 'durable' }), 3)
  assert.equal(grown('holdfast_store_messages_written_total'), 3)
  const commits = grown('holdfast_store_commits_total')
  assert.ok(commits >= 3, `${commits} commits`)
  assert.equal(grown('holdfast_store_commit_duration_seconds_count'), commits)
  assert.equal(grown('holdfast_store_commit_duration_seconds_bucket', { le: '+Inf' }), commits)
  assert.ok(grown('holdfast_store_commit_duration_seconds_sum') > 0)
  assert.ok(after.value('holdfast_store_file_bytes') > 0)
  const reader = await resume(broker, 'metrics-away', { autoAck: true })
  await reader.collect(3)
  await reader.settled()
  const last = await scrape(broker.httpUrl)
  assert.equal(
    last.value('holdfast_mqtt_sent_messages_total') - after.value('holdfast_mqtt_sent_messages_total'),
    3,
  )
  assert.equal(last.value('holdfast_queue_messages'), 0)
})

test('tells how full the fullest queue is, and what was lost to a full one', async () => {
  const before = await scrape(broker.httpUrl)
  await subscribeAndLeave(broker, 'metrics-full', 'metrics/full', 1)
  const publisher = await RawClient.connected(broker)
  for (let count = 0; count < 2; count++)
    await publisher.publish({ topic: 'metrics/full', payload: 'm', qos: 1 })
  const half = await scrape(broker.httpUrl)
  assert.equal(half.value('holdfast_queue_fullest_ratio'), 0.5)
  assert.equal(half.value('holdfast_queue_longest_messages'), 2)
  assert.equal(half.value('holdfast_queues', { fill: 'half' }), 1)
  for (let count = 0; count < 5; count++)
    await publisher.publish({ topic: 'metrics/full', payload: 'm', qos: 1 })
  const full = await scrape(broker.httpUrl)
  assert.equal(full.value('holdfast_queue_fullest_ratio'), 1)
  assert.equal(full.value('holdfast_queues', { fill: 'full' }), 1)
  const queueFull = { reason: 'queue-full' }
  assert.equal(
    full.value('holdfast_messages_lost_total', queueFull) -
      before.value('holdfast_messages_lost_total', queueFull),
    3,
  )
})

test('counts who came, by which way, who was refused, and why they left', async () => {
  const before = await scrape(broker.httpUrl)
  const first = await RawClient.connected(broker, { clientId: 'metrics-twice' }, { protocolVersion: 4 })
  await RawClient.connected(broker, { clientId: 'metrics-twice' }, { transport: 'websocket' })
  await first.expectClosed()
  const refused = await RawClient.open(broker)
  refused.send(new Uint8Array([0x10, 0x02, 0x00, 0x00]))
  await refused.expectClosed()
  const after = await scrape(broker.httpUrl)
  const grown = (name: string, labels = {}): number => after.value(name, labels) - before.value(name, labels)
  assert.equal(grown('holdfast_connects_total', { transport: 'tcp', protocol: '3.1.1' }), 1)
  assert.equal(grown('holdfast_connects_total', { transport: 'websocket', protocol: '5.0' }), 1)
  assert.equal(grown('holdfast_takeovers_total'), 1)
  assert.equal(grown('holdfast_disconnects_total', { cause: 'taken-over' }), 1)
  assert.equal(grown('holdfast_connections_opened_total', { transport: 'tcp' }), 2)
  assert.equal(grown('holdfast_connections_opened_total', { transport: 'websocket' }), 1)
  assert.equal(after.value('holdfast_connections', { transport: 'websocket' }), 1)
  assert.equal(after.value('holdfast_connects_refused_total', { fault: 'malformed-packet' }), 1)
  assert.equal(grown('holdfast_sessions_created_total', { persistence: 'transient' }), 2)
  assert.equal(grown('holdfast_sessions_ended_total', { reason: 'disconnected' }), 1)
})

test('counts HTTP requests under the pattern of their route, and never under what was asked for', async () => {
  await fetch(`${broker.httpUrl}/health/live`)
  await fetch(`${broker.httpUrl}/secret-path?token=secret`)
  await RawClient.connected(broker, {}, { transport: 'websocket' })
  const { samples, ...metrics } = await scrape(broker.httpUrl)
  const requests = samples.filter(({ name }) => name === 'holdfast_http_requests_total')
  const told = requests.map(({ labels }) => `${labels['method']} ${labels['route']} ${labels['status']}`)
  assert.ok(told.includes('GET /health/live 200'), told.join('\n'))
  assert.ok(told.includes('GET none 404'), told.join('\n'))
  assert.ok(!told.some(line => line.includes('/mqtt') || line.includes('secret')), told.join('\n'))
  assert.equal(metrics.types.get('holdfast_http_request_duration_seconds'), 'histogram')
  assert.ok(
    samples.some(
      ({ name, labels, value }) =>
        name === 'holdfast_http_request_duration_seconds_count' &&
        labels['route'] === '/metrics' &&
        value > 0,
    ),
  )
})

test('the event loop is watched, and histograms never fall from one bucket to the next', async () => {
  await passed(100)
  const { samples, ...metrics } = await scrape(broker.httpUrl)
  const watched = samples.find(({ name }) => name === 'holdfast_event_loop_delay_seconds_count')
  assert.ok((watched?.value ?? 0) > 0)
  let last = { series: '', value: 0 }
  for (const { name, labels, value } of samples) {
    if (!name.endsWith('_bucket')) continue
    const series = JSON.stringify({ name, ...labels, le: undefined })
    if (series === last.series) assert.ok(value >= last.value, `${series} falls to ${value}`)
    last = { series, value }
  }
  for (const [name, type] of metrics.types)
    assert.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`)
})

test('is open to a key of a viewer, but not to one that is limited to some client ids', async () => {
  const own = new InProcessBroker({}, {})
  await own.start()
  const admin = await setUp(own)
  const get = async (client: AdminClient) => fetch(`${own.httpUrl}/metrics`, { headers: client.headers })
  const viewer = await get(await withKey(admin, { role: 'viewer' }))
  assert.equal(viewer.status, 200)
  assert.match(await viewer.text(), /^holdfast_sessions/m)
  assert.equal((await get(await withKey(admin, { role: 'admin', clientIdPrefix: 'web-' }))).status, 403)
  assert.equal((await get(admin.with({ authorization: 'Bearer hf_wrong' }))).status, 401)
  await own.stop()
})

test('is closed to strangers unless it was opened, and not there when it is off', async () => {
  const [closed, off] = await Promise.all([brokerForTest({}), brokerForTest({ metrics: 'off' })])
  const refused = await fetch(`${closed.httpUrl}/metrics`)
  assert.equal(refused.status, 401)
  assert.doesNotMatch(await refused.text(), /holdfast_/)
  assert.equal((await fetch(`${off.httpUrl}/metrics`)).status, 404)
})
