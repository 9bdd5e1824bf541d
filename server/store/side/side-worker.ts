// The thread that owns the side database; nothing else touches the file.

import { parentPort, workerData } from 'node:worker_threads'
import type { SideAnswer, SideQuestion, SideSetup } from './side-messages.ts'
import { openSideDatabase, SideServer } from './side-server.ts'

const port = parentPort!
const { dataDirectory } = workerData as SideSetup

function open(): SideServer | string {
  try {
    return new SideServer(openSideDatabase(dataDirectory))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function tell(answer: SideAnswer): void {
  port.postMessage(answer)
}

const server = open()
if (typeof server === 'string') {
  tell({ tell: 'failed', failure: 'failed', message: server })
} else {
  /** A backup takes several turns: what is asked meanwhile waits, so that answers keep their order. */
  let last: Promise<void> = Promise.resolve()
  port.on('message', (question: SideQuestion) => {
    last = last.then(async () => {
      tell(await server.answer(question))
      if (question.ask === 'close') port.close()
    })
  })
  tell({ tell: 'done', rows: [] })
}
