// The thread that owns the database: commits batches, reads pages, recovers. Nothing else touches the file.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { backup } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { crc32 } from 'node:zlib'
import { createCommitter } from './commit.ts'
import { DATABASE_FILE, failureKind, openDatabase } from './database.ts'
import { DiskRoom } from './disk-room.ts'
import type { Answer, Damage, Request, WorkerSetup } from './messages.ts'
import { ifThereIsRoom, recover } from './recover.ts'
import { setAside } from './set-aside.ts'

const port = parentPort!
const setup = workerData as WorkerSetup

function tell(answer: Answer, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(answer, [...transfer])
}

function open(): DatabaseSync | undefined {
  try {
    return openDatabase(setup.dataDirectory, { durability: setup.durability, access: 'read-write' })
  } catch (error) {
    tell({ tell: 'problem', message: error instanceof Error ? error.message : String(error) })
    return undefined
  }
}

const database = open()
if (database !== undefined) serve(database)

function serve(database: DatabaseSync): void {
  const write = createCommitter(database)
  const room = new DiskRoom(database, setup.dataDirectory)
  const read = database.prepare('SELECT body, receivers FROM message WHERE seq = ?')
  const file = join(setup.dataDirectory, DATABASE_FILE)
  port.on('message', (request: Request) => {
    switch (request.ask) {
      case 'recover':
        recover(database, tell)
        return
      case 'commit': {
        const startedAt = process.hrtime.bigint()
        try {
          if (!room.hasRoomFor(request.roomBytes)) {
            tell({ tell: 'failed', kind: 'full', message: 'the disk is full' })
            return
          }
          commit(request)
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error)
          tell({ tell: 'failed', kind: failureKind(error), message })
          return
        }
        const milliseconds = Number(process.hrtime.bigint() - startedAt) / 1e6
        tell({ tell: 'committed', milliseconds, fileBytes: statSync(file).size })
        return
      }
      case 'read':
        readPage(request)
        return
      case 'backup':
        void backUp(request.directory)
        return
      case 'close':
        room.fold()
        database.close()
        tell({ tell: 'closed' })
        port.close()
        return
    }
  })
  tell({ tell: 'opened' })

  /** What another program took of the room that was kept may still be found in the log. */
  function commit(request: Extract<Request, { ask: 'commit' }>): void {
    try {
      write(request)
    } catch (error) {
      if (failureKind(error) !== 'full' || request.roomBytes > 0) throw error
      room.fold()
      write(request)
    }
  }

  function readPage(request: Extract<Request, { ask: 'read' }>): void {
    const bodies: (Uint8Array | null)[] = []
    const receivers: (Uint8Array | null)[] = []
    const damage: Damage[] = []
    for (const seq of request.seqs) {
      const row = read.get(seq) as { body: Uint8Array; receivers: Uint8Array } | undefined
      const why = row === undefined ? 'the record is missing' : problemOf(row.body)
      if (why !== undefined) {
        damage.push({ kind: 'message', key: String(seq), why })
        ifThereIsRoom(() => setAside(database, 'message', seq, why))
      }
      bodies.push(why === undefined ? row!.body : null)
      receivers.push(why === undefined && request.withReceivers ? row!.receivers : null)
    }
    const { queueNumber, seqs } = request
    tell({ tell: 'page', queueNumber, seqs, bodies, receivers, damage })
  }

  async function backUp(directory: string): Promise<void> {
    try {
      await backup(database, join(directory, DATABASE_FILE))
      tell({ tell: 'backed-up', problem: undefined })
    } catch (error) {
      tell({ tell: 'backed-up', problem: error instanceof Error ? error.message : String(error) })
    }
  }
}

function problemOf(body: Uint8Array): string | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const end = bytes.length - 4
  return end > 0 && crc32(bytes.subarray(0, end)) === bytes.readUInt32LE(end)
    ? undefined
    : 'the checksum does not match'
}
