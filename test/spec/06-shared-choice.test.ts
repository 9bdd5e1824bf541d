// Shared subscriptions: each message to one member of the group, in turn, and to one that can take it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()

type Qos = 0 | 1 | 2

interface MemberOptions {
  readonly qos?: Qos
  readonly clientId?: string
  readonly clean?: boolean
  readonly receiveMaximum?: number
  readonly autoAck?: boolean
}

/** Connects and subscribes; the session outlives the connection by a minute when it is not clean. */
async function member(filter: string, options: MemberOptions = {}): Promise<RawClient> {
  const { qos = 1, clientId, clean = true, receiveMaximum, autoAck = true } = options
  const properties = {
    ...(clean ? {} : { sessionExpiryInterval: 60 }),
    ...(receiveMaximum === undefined ? {} : { receiveMaximum }),
  }
  const fields = { clean, properties, ...(clientId === undefined ? {} : { clientId }) }
  const client = await RawClient.connected(broker, fields, { autoAck })
  assert.deepEqual((await client.subscribe(filter, qos)).granted, [qos])
  return client
}

/** How many PUBLISHes wait at each client; the PINGRESP shows that there are no more. */
async function countAll(clients: readonly RawClient[]): Promise<number[]> {
  const counts: number[] = []
  for (const client of clients) {
    client.send({ cmd: 'pingreq' })
    let count = 0
    while ((await client.receive()).cmd === 'publish') count++
    counts.push(count)
  }
  return counts
}

for (const qos of [0, 1, 2] as const) {
  test(`gives each of 300 messages of QoS ${qos} to one member of the group, a fair share to each`, async () => {
    const filter = `$share/fair/fair/${qos}`
    const members = [
      await member(filter, { qos }),
      await member(filter, { qos }),
      await member(filter, { qos }),
    ]
    const publisher = await RawClient.connected(broker)
    for (let count = 0; count < 300; count++) {
      await publisher.publish({ topic: `fair/${qos}`, payload: `${count}`, qos })
    }
    await publisher.ping()
    const counts = await countAll(members)
    assert.equal(
      counts.reduce((sum, one) => sum + one),
      300,
    )
    for (const count of counts) assert.ok(count >= 90 && count <= 110, `shares ${counts}`)
  })
}

test('is fair within one burst, too', async () => {
  const filter = '$share/burst/burst'
  const members = [await member(filter), await member(filter), await member(filter), await member(filter)]
  const publisher = await RawClient.connected(broker)
  for (let count = 0; count < 200; count++) publisher.send({ cmd: 'publish', topic: 'burst', payload: 'x' })
  await publisher.ping()
  const counts = await countAll(members)
  assert.deepEqual(counts, [50, 50, 50, 50])
})

test('gives a message to one member of each group and to every ordinary subscriber', async () => {
  const clients = [
    await member('$share/one/several'),
    await member('$share/one/several'),
    await member('$share/two/several'),
    await member('$share/two/#'),
    await member('several'),
    await member('several'),
  ]
  const publisher = await RawClient.connected(broker)
  await publisher.publish({ topic: 'several', payload: 'x', qos: 1 })
  const [first, second, ...rest] = await countAll(clients)
  assert.equal((first ?? 0) + (second ?? 0), 1)
  assert.deepEqual(rest, [1, 1, 1, 1])
})

test('delivers at the QoS granted to the chosen member [MQTT5-4.8.2-3]', async () => {
  const members = await Promise.all(([0, 1, 2] as const).map(qos => member('$share/mixed/mixed', { qos })))
  const publisher = await RawClient.connected(broker)
  for (let count = 0; count < 9; count++) await publisher.publish({ topic: 'mixed', payload: 'x', qos: 2 })
  for (const [qos, client] of members.entries()) {
    for (const publish of await client.collect(3)) assert.equal(publish.qos, qos)
    await client.ping()
  }
})

test('delivers at the published QoS where it is the lower one [MQTT5-4.8.2-3]', async () => {
  const client = await member('$share/lower/lower', { qos: 2 })
  for (const qos of [0, 1, 2] as const) {
    await client.publish({ topic: 'lower', payload: `${qos}`, qos })
    await client.expect('publish', { payload: `${qos}`, qos })
  }
})

test('prefers members that are connected', async () => {
  const fields = { qos: 1, clean: false } as const
  const away = await member('$share/prefer/prefer', { ...fields, clientId: 'prefer-away' })
  await away.disconnect()
  const here = await member('$share/prefer/prefer')
  const publisher = await RawClient.connected(broker)
  for (let count = 0; count < 20; count++) {
    await publisher.publish({ topic: 'prefer', payload: `${count}`, qos: count % 2 === 0 ? 0 : 1 })
  }
  await here.collect(20)
  const returned = await RawClient.connected(broker, {
    clientId: 'prefer-away',
    clean: false,
    properties: { sessionExpiryInterval: 60 },
  })
  await returned.ping()
  await publisher.publish({ topic: 'prefer', payload: 'again', qos: 1 })
  await publisher.publish({ topic: 'prefer', payload: 'again', qos: 1 })
  assert.deepEqual(await countAll([here, returned]), [1, 1])
})

test('prefers a connected member whose window has room', async () => {
  const busy = await member('$share/window/window', { receiveMaximum: 1, autoAck: false })
  const free = await member('$share/window/window')
  const publisher = await RawClient.connected(broker)
  for (let count = 0; count < 20; count++) await publisher.publish({ topic: 'window', payload: 'x', qos: 1 })
  const [atBusy = 0, atFree = 0] = await countAll([busy, free])
  assert.equal(atBusy, 1)
  assert.equal(atFree, 19)
})

test('keeps messages for members when all are away, at QoS 1', async () => {
  const clientIds = ['all-away-1', 'all-away-2']
  for (const clientId of clientIds) {
    const client = await member('$share/away/away', { clean: false, clientId })
    await client.disconnect()
  }
  const publisher = await RawClient.connected(broker)
  for (let count = 0; count < 10; count++)
    await publisher.publish({ topic: 'away', payload: `${count}`, qos: 1 })
  const payloads: string[] = []
  for (const clientId of clientIds) {
    const fields = { clientId, clean: false, properties: { sessionExpiryInterval: 60 } }
    const client = await RawClient.connected(broker, fields, { autoAck: true })
    for (const publish of await client.collect(5)) payloads.push(publish.payload.toString())
    await client.ping()
  }
  assert.deepEqual(payloads.toSorted(), [...'0123456789'])
})

test('takes a repeated SUBSCRIBE of a member for a change, not for a second member', async () => {
  const first = await member('$share/again/again', { qos: 0 })
  await first.subscribe('$share/again/again', 1)
  await first.subscribe('$share/again/again', 2)
  const second = await member('$share/again/again', { qos: 2 })
  const publisher = await RawClient.connected(broker)
  for (let count = 0; count < 10; count++) await publisher.publish({ topic: 'again', payload: 'x', qos: 2 })
  assert.deepEqual(await countAll([first, second]), [5, 5])
})

test('lets one client be a member of two groups and of two filters in one group', async () => {
  const client = await member('$share/g/twice/a')
  await client.subscribe('$share/h/twice/a', 0)
  await client.subscribe('$share/g/twice/+', 0)
  await client.publish({ topic: 'twice/a', payload: 'x' })
  assert.deepEqual(await countAll([client]), [3])
})

test('keeps a shared wildcard from topics that begin with $ [MQTT5-4.7.2-1]', async () => {
  const client = await member('$share/g/#')
  const plus = await member('$share/g/+/dollar')
  const direct = await member('$share/g/$own/dollar')
  await client.publish({ topic: '$own/dollar', payload: 'x', qos: 1 })
  assert.deepEqual(await countAll([client, plus, direct]), [0, 0, 1])
})

for (const protocolVersion of protocolVersions) {
  test(`lets clients of version ${protocolVersion} be members`, async () => {
    const topic = `versions/${protocolVersion}`
    const old = await RawClient.connected(broker, {}, { protocolVersion, autoAck: true })
    assert.deepEqual((await old.subscribe(`$share/g/${topic}`, 1)).granted, [1])
    const other = await member(`$share/g/${topic}`)
    for (let count = 0; count < 4; count++) await old.publish({ topic, payload: 'x', qos: 1 })
    assert.deepEqual(await countAll([old, other]), [2, 2])
  })
}

test('goes on with the remaining members when one unsubscribes', async () => {
  const leaving = await member('$share/leave/leave')
  const staying = await member('$share/leave/leave')
  assert.deepEqual((await leaving.unsubscribe('$share/leave/leave')).granted, [0])
  const publisher = await RawClient.connected(broker)
  for (let count = 0; count < 4; count++) await publisher.publish({ topic: 'leave', payload: 'x', qos: 1 })
  assert.deepEqual(await countAll([leaving, staying]), [0, 4])
})
