// The thread that owns the database; nothing else touches the file.

import { parentPort, workerData } from 'node:worker_threads'
import { openDatabase } from './database.ts'
import { DatabaseServer } from './database-server.ts'
import type { Answer, Request, WorkerSetup } from './messages.ts'

const port = parentPort!
const { dataDirectory, durability } = workerData as WorkerSetup

function tell(answer: Answer): void {
  port.postMessage(answer)
}

function open(): DatabaseServer | undefined {
  try {
    const database = openDatabase(dataDirectory, { durability, access: 'read-write' })
    return new DatabaseServer(database, dataDirectory, tell)
  } catch (error) {
    tell({ tell: 'problem', message: error instanceof Error ? error.message : String(error) })
    return undefined
  }
}

const server = open()
if (server !== undefined) {
  port.on('message', (request: Request) => {
    if (server.answer(request) === 'closed') port.close()
  })
  tell({ tell: 'opened' })
}
