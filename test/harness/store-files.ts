// Stores as files, without a broker: made from lines of an export, changed by SQL, looked at by the command line.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after } from 'node:test'
import { runCli } from '../../server/cli.ts'

/** A directory that goes when the test, or the file, is done. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-store-'))
  after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Runs `holdfast` with these arguments in this process; no broker can be started. */
export async function cli(...argv: readonly string[]) {
  let out = ''
  let err = ''
  const code = await runCli({
    argv,
    environment: {},
    readFile: path => assert.fail(`reads ${path}`),
    workingDirectory: tmpdir(),
    out: text => {
      out += text
    },
    err: text => {
      err += text
    },
    stdoutIsTerminal: false,
    loadBroker: () => Promise.reject(new Error('no test here starts a broker')),
  })
  return { code, out, err }
}

type Line = Readonly<Record<string, unknown>>

export const TIME = '2026-03-01T12:00:00.000Z'

export function sessionLine(clientId: string, fields: Line = {}): Line {
  return {
    kind: 'session',
    clientId,
    owner: '',
    generation: `generation of ${clientId}`,
    createdAt: TIME,
    version: 256,
    expirySeconds: 'never',
    expirySource: 'client',
    expiryPinned: false,
    disconnectedAt: TIME,
    subscriptions: [
      { topicFilter: 't/#', qos: 2, noLocal: false, retainAsPublished: false, retainHandling: 0 },
    ],
    sending: [],
    receiving: [],
    ...fields,
  }
}

export function messageLine(number: number, fields: Line = {}): Line {
  return {
    kind: 'message',
    number,
    receivers: 1,
    topic: 't/1',
    qos: 1,
    retain: false,
    payload: base64(`payload ${number}`),
    publisher: 'publisher',
    receivedAt: TIME,
    deliverQos: 1,
    deliverRetain: false,
    ...fields,
  }
}

export function retainedLine(topic: string, payload = `retained ${topic}`): Line {
  const content = { payload: base64(payload), publisher: 'publisher', receivedAt: TIME }
  return { kind: 'retained', topic, qos: 1, retain: true, ...content }
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** The lines between a header and the end that counts them. */
export function exported(lines: readonly Line[]): string {
  const count = (kind: string): number => lines.filter(line => line['kind'] === kind).length
  const all = [
    { kind: 'header', format: 1, exportedAt: TIME, brokerVersion: '0.1.0' },
    ...lines,
    { kind: 'end', sessions: count('session'), messages: count('message'), retained: count('retained') },
  ]
  return all.map(line => `${JSON.stringify(line)}\n`).join('')
}

/** A store in a temporary directory with what the lines say. */
export async function storeOf(lines: readonly Line[]): Promise<string> {
  const directory = temporaryDirectory()
  const file = join(directory, 'lines.jsonl')
  writeFileSync(file, exported(lines))
  const { code, err } = await cli('store', 'import', file, '--data-dir', directory)
  assert.equal(code, 0, err)
  return directory
}

/** Works on the tables of a store that nobody has open. */
export function withTables<T>(dataDirectory: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(join(dataDirectory, 'holdfast.db'))
  try {
    return work(database)
  } finally {
    database.close()
  }
}

/** Turns one bit of a column around, in the one row that `where` finds. */
export function flipBit(dataDirectory: string, table: string, column: string, where: string, at = 0.5): void {
  withTables(dataDirectory, database => {
    const row = database.prepare(`SELECT CAST(${column} AS BLOB) AS value FROM ${table} WHERE ${where}`).get()
    const bytes = Buffer.from(row?.['value'] as Uint8Array)
    const index = Math.floor(bytes.length * at)
    bytes[index] = bytes[index]! ^ 4
    const isText = column === 'record'
    database
      .prepare(`UPDATE ${table} SET ${column} = ${isText ? 'CAST(? AS TEXT)' : '?'} WHERE ${where}`)
      .run(bytes)
  })
}
