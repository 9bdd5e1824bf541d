// A store that a broker of version 1 left: it is brought to the version of this one, and nothing in it is lost.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DATABASE_VERSION, openDatabase } from '../../server/store/embedded/database.ts'
import { embeddedStore, payloadsOf } from '../harness/embedded-store.ts'
import {
  cli,
  messageLine,
  retainedLine,
  sessionLine,
  storeOf,
  temporaryDirectory,
  withTables,
} from '../harness/store-files.ts'
import { burySession, restored } from './contract/burials.ts'
import { Subject } from './contract/subject.ts'

/** With the tables, and the columns in their order, that version 1 had. */
async function storeOfVersion1(): Promise<string> {
  const directory = await storeOf([
    sessionLine('a', { sending: [{ packetId: 5, message: 2, at: 'published' }], receiving: [9] }),
    messageLine(1),
    messageLine(2, { qos: 2, deliverQos: 2, receivers: 2 }),
    messageLine(3, { receivers: 2 }),
    sessionLine('b'),
    messageLine(2, { qos: 2, deliverQos: 1, receivers: 2 }),
    messageLine(3, { receivers: 2 }),
    retainedLine('r/1'),
  ])
  withTables(directory, database => {
    database.exec(`
      DROP TABLE tombstone; DROP TABLE returned;
      ALTER TABLE session ADD COLUMN buried_until REAL;
      UPDATE session SET acked = 2, exceptions = NULL WHERE client_id = 'b';
      UPDATE meta SET value = '1' WHERE key = 'version'`)
  })
  return directory
}

function schemaOf(directory: string) {
  return withTables(directory, database => {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all()
    return tables.map(({ name }) => [
      name,
      database
        .prepare(`PRAGMA table_info(${String(name)})`)
        .all()
        .map(column => [column['name'], column['type'], column['notnull'], column['pk']]),
    ])
  })
}

test('a store of version 1 gets the tables of a new one, and keeps what is in it', async () => {
  const directory = await storeOfVersion1()
  const before = await cli('store', 'check', '--data-dir', directory)
  assert.match(before.err, /has store version 1: start a broker on it once, which brings it to version \d+/)
  const subject = await Subject.open(embeddedStore(directory))
  const found = []
  for (const { lease, sending, receiving } of subject.recovered) {
    const payloads = [...(await payloadsOf(subject.store, lease.queue)).values()]
    found.push([lease.queue.clientId, payloads, sending.map(entry => entry.packetId), receiving])
  }
  assert.deepEqual(found, [
    ['a', ['payload 1', 'payload 2', 'payload 3'], [5], [9]],
    ['b', ['payload 3'], [], []],
  ])
  assert.equal(subject.retained.length, 1)
  await burySession(subject, subject.recovered[0]!.lease.queue)
  await restored(subject)
  await subject.close()
  assert.equal((await cli('store', 'check', '--data-dir', directory)).code, 0)

  const fresh = temporaryDirectory()
  openDatabase(fresh, { durability: 'os', access: 'read-write' }).close()
  assert.deepEqual(schemaOf(directory), schemaOf(fresh))
  const version = withTables(directory, database =>
    database.prepare("SELECT value FROM meta WHERE key = 'version'").get(),
  )
  assert.equal(version?.['value'], String(DATABASE_VERSION))
})
