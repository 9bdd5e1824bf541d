// A reader of the live stream that reads nothing while thousands of sessions change: what waits for it stays little.

import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { type AdminClient, setUp } from '../../harness/admin-client.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { fillWithSessions } from '../../harness/many-sessions.ts'
import { RawClient } from '../../harness/raw-client.ts'

/** Fewer than may wait for a reader by name, so that it is no list of names that bounds what waits. */
const SESSIONS = 3_000
const ROUNDS = 20
const BYTES_MAX = 10_000_000
const EVERY_MS = 400
const SILENT_MS = 2_000

const clientIdOf = (index: number): string => `frozen-${index}`

const broker = inProcessBrokerForFile()

/** Has had the beginning of the answer, and reads no more until somebody listens. */
async function openStream({ headers }: AdminClient): Promise<Socket> {
  const socket = connect(Number(new URL(broker.httpUrl).port), broker.host)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(
    `GET /api/v1/events/stream?topics=sessions HTTP/1.1\r\nhost: ${broker.host}\r\n${lines.join('')}\r\n`,
  )
  const first = await new Promise<string>((resolve, reject) => {
    socket.once('data', chunk => resolve(chunk.toString()))
    socket.once('error', reject)
  })
  assert.match(first, /^HTTP\/1\.1 200 /)
  return socket.pause()
}

/** All that comes from now on, and how to wait until nothing has come for a while. */
function listen(socket: Socket): { readonly text: () => string; silence(): Promise<void> } {
  const chunks: string[] = []
  let heardAt = performance.now()
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    chunks.push(chunk)
    heardAt = performance.now()
  })
  socket.resume()
  return {
    text: () => chunks.join(''),
    silence: async () => {
      while (performance.now() - heardAt < SILENT_MS) await new Promise(resolve => setTimeout(resolve, 100))
    },
  }
}

/** Messages that wait for the last session, by the last change that was told of it. */
function lastTold(stream: string): number | undefined {
  const name = `{"clientId":"${clientIdOf(SESSIONS - 1)}"`
  const found = /"queued":\{"count":(\d+)/.exec(stream.slice(stream.lastIndexOf(name)))
  return found === null ? undefined : Number(found[1])
}

test('changes by the ten thousand leave less than 10 MB for a reader that is frozen, and the newest state once it reads', async () => {
  const admin = await setUp(broker)
  await fillWithSessions(broker.running.broker.parts, { count: SESSIONS, subscribed: SESSIONS, clientIdOf })
  const frozen = await openStream(admin)
  const reading = await openStream(admin)
  const told = listen(reading)
  const publisher = await RawClient.connected(broker)
  for (let round = 1; round <= ROUNDS; round++) {
    await publisher.publish({ topic: 'to/all', payload: 'x', qos: 1 })
    await new Promise(resolve => setTimeout(resolve, EVERY_MS))
  }
  await told.silence()
  reading.destroy()
  const whole = told.text()
  assert.ok(whole.length > 2 * BYTES_MAX, `whoever reads has been told ${whole.length} bytes`)
  assert.equal(lastTold(whole), ROUNDS)
  const late = listen(frozen)
  await late.silence()
  frozen.destroy()
  const kept = late.text()
  assert.ok(kept.length < BYTES_MAX, `${kept.length} bytes have waited`)
  assert.equal(lastTold(kept), ROUNDS)
})
