// The export: every session that matches, once, at the pace of whoever reads, and nothing that a spreadsheet would run.

import assert from 'node:assert/strict'
import { get, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { administeredForFile } from '../../harness/checked-admin.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { persistent, subscribeAndLeave } from '../../harness/sessions.ts'

const COUNT = 3_000
const formulas = ['=1+1', '+1', '-1', '@SUM(A1)'] as const

const { broker, admin } = administeredForFile({}, async () => {
  for (const clientId of [...formulas, 'with "quotes", and a comma'])
    await subscribeAndLeave(broker, clientId, 'x', 1)
  for (let index = 0; index < COUNT; index += 100) {
    await Promise.all(
      Array.from({ length: 100 }, async (_, offset) => {
        const client = await RawClient.connected(
          broker,
          persistent(`many-${index + offset}-${'x'.repeat(800)}`),
        )
        await client.disconnect()
      }),
    )
  }
})

test('CSV cells that a spreadsheet would run are text', async () => {
  const { text, headers } = await admin().ask('GET', '/sessions:export?filter=sub:x')
  assert.equal(headers.get('content-disposition'), 'attachment; filename="sessions.csv"')
  const lines = text.trimEnd().split('\r\n')
  assert.match(lines[0]!, /^clientId,owner,generation,/)
  const firstCells = lines.slice(1).map(line => line.slice(0, line.indexOf(',01')))
  assert.deepEqual(
    firstCells.map(cell => cell.slice(0, cell.lastIndexOf(','))).toSorted(),
    ['"with ""quotes"", and a comma"', ...formulas.map(formula => `'${formula}`)].toSorted(),
  )
})

test('each session that matches comes once', async () => {
  const { text } = await admin().ask('GET', '/sessions:export?format=ndjson&filter=id:many-*')
  const ids = text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line).clientId)
  assert.equal(ids.length, COUNT)
  assert.equal(new Set(ids).size, COUNT)
})

/** One that has answered, and is not read. */
function unread(): Promise<IncomingMessage> {
  const url = `${broker.httpUrl}/api/v1/sessions:export?format=ndjson`
  return new Promise((resolve, reject) => {
    get(url, { headers: { ...admin().client.headers } }, response => {
      response.pause()
      resolve(response)
    }).once('error', reject)
  })
}

test('a few may export at a time; who goes away, or has read all, makes room', async () => {
  const responses = await Promise.all(Array.from({ length: 4 }, unread))
  assert.deepEqual(
    responses.map(response => response.statusCode),
    [200, 200, 200, 200],
  )
  assert.match((await admin().get('/sessions:export', 429)).type, /limit-exceeded$/)
  responses[0]!.destroy()
  responses[1]!.resume()
  // It is noticed when the broker writes to them next.
  let free = 0
  for (let tries = 0; free < 2 && tries < 200; tries++)
    free = (await Promise.all([isFree(), isFree()])).filter(one => one).length
  assert.equal(free, 2)
  for (const response of responses) response.destroy()
})

async function isFree(): Promise<boolean> {
  return (await admin().ask('GET', '/sessions:export?filter=sub:x')).status === 200
}
