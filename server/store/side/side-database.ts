// The database beside the store: what the operator's side keeps - users, keys, audit, history - in a thread of its own.

import { Worker } from 'node:worker_threads'
import { StoreProblem } from '../embedded/database.ts'
import type {
  SideAnswer,
  SideFailure,
  SideQuestion,
  SideRow,
  SideSetup,
  SideStatement,
  SideValue,
} from './side-messages.ts'
import { SIDE_FILE } from './side-server.ts'

export interface SideDatabase {
  /**
   * Brings a module's tables up to date, in one transaction: `steps[n]` is the SQL that leads from version n to
   * n + 1, so steps are only ever added. Rejects with SideProblem when a newer Holdfast has written them.
   */
  define(module: string, steps: readonly string[]): Promise<void>
  /** One transaction; resolves when it is on the disk, rejects with SideProblem when nothing of it is. */
  write(statements: readonly SideStatement[]): Promise<void>
  /** Sees everything that was asked to be written before. Rejects with SideProblem. */
  read(sql: string, ...parameters: SideValue[]): Promise<readonly SideRow[]>
  /** Copies it into a directory that is there; rejects with SideProblem. */
  backup(directory: string): Promise<void>
  /** Resolves when everything asked for is done and the file is closed. */
  close(): Promise<void>
}

/** Why the side database did not do what it was asked to. */
export class SideProblem extends Error {
  readonly failure: SideFailure

  constructor(failure: SideFailure, message: string) {
    super(message)
    this.failure = failure
  }
}

interface Waiting {
  readonly resolve: (rows: readonly SideRow[]) => void
  readonly reject: (problem: SideProblem) => void
}

export interface SideDatabaseGiven extends SideSetup {
  /** The thread has ended by itself; who waits has been told. */
  fatal(message: string): void
}

/** Rejects with StoreProblem, which says what to do, when the file cannot be opened. */
export async function openSide(given: SideDatabaseGiven): Promise<SideDatabase> {
  const database = new ThreadedSideDatabase(given)
  try {
    await database.opened
    return database
  } catch (error) {
    const { message } = error as Error
    throw new StoreProblem(
      `${SIDE_FILE} in ${given.dataDirectory} cannot be opened (${message}): put a backup in its place, or move it away, which costs users, keys, audit and history, but no session`,
    )
  }
}

class ThreadedSideDatabase implements SideDatabase {
  readonly opened: Promise<readonly SideRow[]>
  readonly #worker: Worker
  /** Answers come in the order of the questions. */
  readonly #waiting: Waiting[] = []
  #ended: 'open' | 'closing' | 'ended' = 'open'

  constructor({ dataDirectory, fatal }: SideDatabaseGiven) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const setup: SideSetup = { dataDirectory }
    this.#worker = new Worker(new URL(`./side-worker.${extension}`, import.meta.url), { workerData: setup })
    this.opened = new Promise((resolve, reject) => {
      const refuse = (problem: SideProblem): void => {
        // Its thread ends by itself now, which is nothing to hear of twice.
        this.#ended = 'ended'
        reject(problem)
      }
      this.#waiting.push({ resolve, reject: refuse })
    })
    this.#worker.on('message', (answer: SideAnswer) => this.#onAnswer(answer))
    this.#worker.on('error', error => this.#failed(`its thread failed: ${error.message}`, fatal))
    this.#worker.on('exit', code => this.#failed(`its thread ended with ${code}`, fatal))
  }

  async define(module: string, steps: readonly string[]): Promise<void> {
    await this.#ask({ ask: 'define', module, steps })
  }

  async write(statements: readonly SideStatement[]): Promise<void> {
    if (statements.length > 0) await this.#ask({ ask: 'write', statements })
  }

  read(sql: string, ...parameters: SideValue[]): Promise<readonly SideRow[]> {
    return this.#ask({ ask: 'read', statement: [sql, ...parameters] })
  }

  async backup(directory: string): Promise<void> {
    await this.#ask({ ask: 'backup', directory })
  }

  async close(): Promise<void> {
    if (this.#ended !== 'open') return
    const closed = this.#ask({ ask: 'close' })
    this.#ended = 'closing'
    await closed
    await this.#worker.terminate()
    this.#ended = 'ended'
  }

  #ask(question: SideQuestion): Promise<readonly SideRow[]> {
    if (this.#ended !== 'open') return Promise.reject(new SideProblem('failed', 'it is closed'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#worker.postMessage(question)
    })
  }

  #onAnswer(answer: SideAnswer): void {
    const first = this.#waiting.shift()
    if (answer.tell === 'done') first?.resolve(answer.rows)
    else first?.reject(new SideProblem(answer.failure, answer.message))
  }

  /** Whoever waits must not wait for ever. */
  #failed(message: string, fatal: (message: string) => void): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new SideProblem('failed', message))
    if (this.#ended !== 'open') return
    this.#ended = 'ended'
    fatal(message)
  }
}
