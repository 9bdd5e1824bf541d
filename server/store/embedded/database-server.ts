// Answers the event loop's questions to the database, one after the other, in the thread that owns it.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { backup, type DatabaseSync, type StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { stopwatch } from '../../clock.ts'
import { createCommitter } from './commit.ts'
import { DATABASE_FILE, failureKind } from './database.ts'
import { DiskRoom } from './disk-room.ts'
import type { Answer, Damage, Request } from './messages.ts'
import { ifThereIsRoom, recover } from './recover.ts'
import { setAside } from './set-aside.ts'

type Commit = Extract<Request, { ask: 'commit' }>
type Read = Extract<Request, { ask: 'read' }>

export class DatabaseServer {
  readonly #database: DatabaseSync
  readonly #file: string
  readonly #tell: (answer: Answer) => void
  readonly #write: (batch: Commit) => void
  readonly #room: DiskRoom
  readonly #select: StatementSync

  constructor(database: DatabaseSync, dataDirectory: string, tell: (answer: Answer) => void) {
    this.#database = database
    this.#file = join(dataDirectory, DATABASE_FILE)
    this.#tell = tell
    this.#write = createCommitter(database)
    this.#room = new DiskRoom(database, dataDirectory)
    this.#select = database.prepare('SELECT body, receivers FROM message WHERE seq = ?')
  }

  /** 'closed' when it was the last question. */
  answer(request: Request): 'open' | 'closed' {
    switch (request.ask) {
      case 'recover':
        recover(this.#database, this.#tell)
        return 'open'
      case 'commit':
        this.#tell(this.#commit(request))
        return 'open'
      case 'read':
        this.#tell(this.#read(request))
        return 'open'
      case 'backup':
        void this.#backUp(request.directory)
        return 'open'
      case 'close':
        this.#room.fold()
        this.#database.close()
        this.#tell({ tell: 'closed' })
        return 'closed'
    }
  }

  #commit(request: Commit): Answer {
    const elapsed = stopwatch()
    try {
      if (!this.#room.hasRoomFor(request.roomBytes)) {
        return { tell: 'failed', kind: 'full', message: 'the disk is full' }
      }
      this.#writeOrFold(request)
    } catch (error) {
      return { tell: 'failed', kind: failureKind(error), message: reasonOf(error) }
    }
    const fileBytes = statSync(this.#file).size
    return { tell: 'committed', milliseconds: elapsed(), fileBytes, disk: this.#room.forMessages }
  }

  /** What another program took of the room that was kept may still be found in the log. */
  #writeOrFold(request: Commit): void {
    try {
      this.#write(request)
    } catch (error) {
      if (failureKind(error) !== 'full' || request.roomBytes > 0) throw error
      this.#room.fold()
      this.#write(request)
    }
  }

  #read(request: Read): Answer {
    const { queueNumber, seqs } = request
    const bodies: (Uint8Array | null)[] = []
    const receivers: (Uint8Array | null)[] = []
    const damage: Damage[] = []
    for (const seq of seqs) {
      const row = this.#select.get(seq) as { body: Uint8Array; receivers: Uint8Array } | undefined
      const why = row === undefined ? 'the record is missing' : problemOf(row.body)
      if (why !== undefined) {
        damage.push({ kind: 'message', key: String(seq), why })
        ifThereIsRoom(() => setAside(this.#database, 'message', seq, why))
      }
      bodies.push(why === undefined ? row!.body : null)
      receivers.push(why === undefined && request.withReceivers ? row!.receivers : null)
    }
    return { tell: 'page', queueNumber, seqs, bodies, receivers, damage }
  }

  async #backUp(directory: string): Promise<void> {
    try {
      await backup(this.#database, join(directory, DATABASE_FILE))
      this.#tell({ tell: 'backed-up', problem: undefined })
    } catch (error) {
      this.#tell({ tell: 'backed-up', problem: reasonOf(error) })
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function problemOf(body: Uint8Array): string | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const end = bytes.length - 4
  return end > 0 && crc32(bytes.subarray(0, end)) === bytes.readUInt32LE(end)
    ? undefined
    : 'the checksum does not match'
}
