// Pages of the database that are overwritten or cut off: the broker says why it does not start, or serves only what is right.

import assert from 'node:assert/strict'
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { SeededRandom } from '../fuzz/seeded-random.ts'
import { startBroker, TestBroker } from '../harness/broker.ts'
import type { RawClient } from '../harness/raw-client.ts'
import { resume } from '../harness/sessions.ts'
import {
  base64,
  cli,
  messageLine,
  retainedLine,
  sessionLine,
  storeOf,
  temporaryDirectory,
} from '../harness/store-files.ts'

const PAGE_BYTES = 8192
const SESSIONS = 40
const MESSAGES_EACH = 25
const settings = { store: 'embedded' }
/** More for a longer search: HOLDFAST_DAMAGE_SEEDS=3,4,5 */
const seeds = (process.env['HOLDFAST_DAMAGE_SEEDS'] ?? '1,2').split(',').map(Number)

/** Every payload names itself and its session, and is long enough to notice a bit anywhere. */
function payloadOf(session: number, number: number): string {
  return `${session}/${number} `.padEnd(40 + ((number * 977) % 3000), String(number))
}

function numberOf(session: number, index: number): number {
  return index * SESSIONS + session + 1
}

let whole = Buffer.alloc(0)

before(async () => {
  const lines = []
  for (let session = 0; session < SESSIONS; session++) {
    lines.push(sessionLine(`client ${session}`))
    for (let index = 0; index < MESSAGES_EACH; index++) {
      const number = numberOf(session, index)
      const qos = 1 + (number % 2)
      lines.push(messageLine(number, { qos, deliverQos: qos, payload: base64(payloadOf(session, number)) }))
    }
    lines.push(retainedLine(`r/${session}`))
  }
  whole = readFileSync(join(await storeOf(lines), 'holdfast.db'))
})

type Damage = (file: string, random: SeededRandom) => void

const damages: Readonly<Record<string, Damage>> = {
  'a page of noise': (file, random) => overwrite(file, random, () => Buffer.from(noise(random, PAGE_BYTES))),
  'a page of zeros': (file, random) => overwrite(file, random, () => Buffer.alloc(PAGE_BYTES)),
  'a page that belongs elsewhere': (file, random) =>
    overwrite(file, random, bytes => pageAt(bytes, 1 + random.below(pagesIn(bytes) - 1))),
  'a few wrong bytes': (file, random) => {
    const bytes = readFileSync(file)
    for (let count = 0; count < 4; count++)
      bytes[PAGE_BYTES + random.below(bytes.length - PAGE_BYTES)]! ^= 0x10
    writeFileSync(file, bytes)
  },
  'an end that is cut off': (file, random) =>
    truncateSync(file, PAGE_BYTES + random.below(statSync(file).size - PAGE_BYTES)),
}

function noise(random: SeededRandom, length: number): number[] {
  return Array.from({ length }, () => random.below(256))
}

function pagesIn(bytes: Buffer): number {
  return Math.floor(bytes.length / PAGE_BYTES)
}

function pageAt(bytes: Buffer, page: number): Buffer {
  return Buffer.from(bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES))
}

/** Any page but the first, which holds the tables' names: without it nothing can be said at all. */
function overwrite(file: string, random: SeededRandom, make: (bytes: Buffer) => Buffer): void {
  const bytes = readFileSync(file)
  make(bytes).copy(bytes, (1 + random.below(pagesIn(bytes) - 1)) * PAGE_BYTES)
  writeFileSync(file, bytes)
}

/** Connects every session, and holds each message to what it must be; returns how many came. */
async function deliverAll(broker: TestBroker): Promise<number> {
  let delivered = 0
  for (let session = 0; session < SESSIONS; session++) {
    const client = await resume(broker, `client ${session}`, { autoAck: true })
    delivered += await take(client, session)
    await client.disconnect()
  }
  return delivered
}

async function take(client: RawClient, session: number): Promise<number> {
  // What it has been sent before this comes back is all there is.
  await client.subscribe('own', 1)
  const fence = `fence ${session}`
  client.send({ cmd: 'publish', topic: 'own', payload: fence, qos: 1 })
  let count = 0
  let last = 0
  for (;;) {
    const packet = await client.receive(5000)
    if (packet.cmd !== 'publish') continue
    const text = packet.payload.toString()
    if (text === fence) return count
    const [, from, number] = /^(\d+)\/(\d+) /.exec(text) ?? []
    assert.equal(Number(from), session, 'a message of another session')
    assert.equal(text, payloadOf(session, Number(number)), 'a payload that nobody published')
    assert.ok(Number(number) > last, 'out of order, or twice')
    last = Number(number)
    count++
  }
}

/** 'refused' when the broker said clearly why it does not start. */
async function startOn(dataDirectory: string): Promise<TestBroker | 'refused'> {
  const broker = new TestBroker({ settings, dataDirectory })
  try {
    await broker.start()
    return broker
  } catch (error) {
    assert.match(String(error), /the broker exited with code 1/)
    assert.equal(broker.errors.length, 1, broker.output)
    const { msg, reason } = broker.errors[0]!
    assert.equal(msg, 'cannot start')
    assert.match(String(reason), /holdfast\.db is damaged \(.+\): .*`holdfast store check --repair`$/)
    return 'refused'
  }
}

async function serves(dataDirectory: string): Promise<number | 'refused'> {
  const broker = await startOn(dataDirectory)
  if (broker === 'refused') return broker
  const delivered = await deliverAll(broker)
  assert.deepEqual(await broker.stop(), { code: 0, signal: null }, broker.output)
  return delivered
}

/** Returns how many queue entries there are afterwards. */
async function repair(dataDirectory: string): Promise<number> {
  const repaired = await cli('store', 'check', '--repair', '--data-dir', dataDirectory)
  assert.equal(repaired.code, 0, repaired.out + repaired.err)
  assert.match(repaired.out, /^The damaged one is .*holdfast\.db\.damaged-/m)
  const { code, out } = await cli('store', 'check', '--json', '--data-dir', dataDirectory)
  assert.equal(code, 0, out)
  return JSON.parse(out).counts.waiting
}

for (const [name, damage] of Object.entries(damages)) {
  for (const seed of seeds) {
    test(`${name}, seed ${seed}: nothing wrong is delivered, and a repair saves what can be read`, async () => {
      const dataDirectory = temporaryDirectory()
      const file = join(dataDirectory, 'holdfast.db')
      writeFileSync(file, whole)
      damage(file, new SeededRandom(seed * 7919))
      const first = await serves(dataDirectory)
      if (first !== 'refused') {
        assert.ok(first > (SESSIONS * MESSAGES_EACH) / 2, `only ${first} messages came`)
        return
      }
      const waiting = await repair(dataDirectory)
      assert.equal(await serves(dataDirectory), waiting, 'not all that was saved is delivered')
    })
  }
}

test('a page of messages that is destroyed costs those messages, and the rest is saved', async () => {
  const dataDirectory = temporaryDirectory()
  const bytes = Buffer.from(whole)
  const page = Math.floor(bytes.indexOf(payloadOf(7, numberOf(7, 12))) / PAGE_BYTES)
  Buffer.from(noise(new SeededRandom(1), PAGE_BYTES)).copy(bytes, page * PAGE_BYTES)
  writeFileSync(join(dataDirectory, 'holdfast.db'), bytes)
  assert.equal(await serves(dataDirectory), 'refused')
  const waiting = await repair(dataDirectory)
  assert.ok(waiting > SESSIONS * MESSAGES_EACH - 20, `only ${waiting} messages were saved`)
  assert.equal(await serves(dataDirectory), waiting)
})

test('without its first page nothing can be saved, and both the broker and the tools say so', async () => {
  const dataDirectory = temporaryDirectory()
  const bytes = Buffer.from(whole)
  bytes.fill(7, 0, PAGE_BYTES)
  writeFileSync(join(dataDirectory, 'holdfast.db'), bytes)
  await assert.rejects(
    startBroker({ settings, dataDirectory }),
    /not a Holdfast store, or its first page is destroyed .*: put a backup in its place/,
  )
  const { code, err } = await cli('store', 'check', '--repair', '--data-dir', dataDirectory)
  assert.equal(code, 1)
  assert.match(err, /put a backup in its place/)
})
