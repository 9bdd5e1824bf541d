// The event loop's side of the thread that owns the database: questions out, answers in.

import { Worker } from 'node:worker_threads'
import type { TopicTable } from '../../protocol/topic.ts'
import { type DamagedRecord, decodeBody, decodeReceivers } from '../records.ts'
import type { Page } from './bodies.ts'
import { type Durability, StoreProblem } from './database.ts'
import type { Answer, Damage, Request } from './messages.ts'

export interface DatabaseSettings {
  readonly dataDirectory: string
  readonly durability: Durability
  readonly topics: TopicTable
  fatal(message: string): void
  /** A record that was found damaged and set aside. */
  damaged?(damage: Damage): void
}

type Commit = Extract<Answer, { tell: 'committed' | 'failed' }>
type PageAnswer = Extract<Answer, { tell: 'page' }>

export class Database {
  readonly #settings: DatabaseSettings
  readonly #committed: (answer: Commit) => void
  #worker: Worker | undefined = undefined
  /** Answers come in the order of the questions, so one list of whoever waits is enough. */
  readonly #waiting: ((answer: Answer) => 'done' | 'more')[] = []
  /** A backup goes on beside other questions, so its answer comes out of their order. */
  #backedUp: ((problem: string | undefined) => void) | undefined = undefined
  /** Records that every queue they were meant for will ask for in vain. */
  readonly #reported = new Set<string>()
  #isClosing = false

  constructor(settings: DatabaseSettings, committed: (answer: Commit) => void) {
    this.#settings = settings
    this.#committed = committed
  }

  /** Rejects with StoreProblem when the database cannot be opened. */
  async open(): Promise<void> {
    const { dataDirectory, durability } = this.#settings
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const file = new URL(`./worker.${extension}`, import.meta.url)
    const worker = new Worker(file, { workerData: { dataDirectory, durability } })
    this.#worker = worker
    worker.on('error', error => this.#settings.fatal(`the store's thread failed: ${error.message}`))
    worker.on('exit', code => {
      if (!this.#isClosing) this.#settings.fatal(`the store's thread ended with ${code}`)
    })
    worker.on('message', (answer: Answer) => this.#onAnswer(answer))
    const answer = await this.#next()
    if (answer.tell !== 'problem') return
    await worker.terminate()
    throw new StoreProblem(answer.message)
  }

  ask(request: Request, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker?.postMessage(request, [...transfer])
  }

  /** Hears every part of what is stored; resolves with the last one. */
  recover(part: (answer: Answer) => void): Promise<Extract<Answer, { tell: 'recovered' }>> {
    return new Promise(resolve => {
      this.#waiting.push(answer => {
        if (answer.tell !== 'recovered') {
          part(answer)
          return 'more'
        }
        resolve(answer)
        return 'done'
      })
      this.ask({ ask: 'recover' })
    })
  }

  /** Bodies by sequence number; what is missing or damaged is not on the page. */
  async read(
    queueNumber: number,
    seqs: readonly number[],
    what: 'with-receivers' | 'bodies-only',
  ): Promise<Page> {
    const answering = this.#next()
    this.ask({
      ask: 'read',
      queueNumber,
      seqs: Float64Array.from(seqs),
      withReceivers: what === 'with-receivers',
    })
    const answer = (await answering) as PageAnswer
    for (const damage of answer.damage) this.#report(damage)
    return this.#pageOf(answer)
  }

  #pageOf(answer: PageAnswer): Page {
    const page: Page = new Map()
    answer.seqs.forEach((seq, index) => {
      const body = answer.bodies[index]
      if (body == null) return
      const receivers = answer.receivers[index]
      try {
        const message = decodeBody(bufferOf(body), this.#settings.topics)
        const own = receivers == null ? [] : decodeReceivers(bufferOf(receivers))
        const details = own.find(one => one.queueNumber === answer.queueNumber)
        page.set(seq, { message, details })
      } catch (error) {
        const why = (error as DamagedRecord).message
        this.#report({ kind: 'message', key: String(seq), why })
      }
    })
    return page
  }

  #report(damage: Damage): void {
    if (this.#reported.has(damage.key)) return
    this.#reported.add(damage.key)
    this.#settings.damaged?.(damage)
  }

  /** Copies the database into a directory that is there; rejects with StoreProblem. */
  async backup(directory: string): Promise<void> {
    if (this.#backedUp !== undefined)
      throw new StoreProblem('another backup is being made: wait for that one')
    const problem = await new Promise<string | undefined>(resolve => {
      this.#backedUp = resolve
      this.ask({ ask: 'backup', directory })
    })
    if (problem !== undefined) throw new StoreProblem(problem)
  }

  async close(): Promise<void> {
    this.#isClosing = true
    const worker = this.#worker
    // A thread that fails at it says nothing more.
    const gone = new Promise<void>(resolve => worker?.once('exit', () => resolve()))
    const answering = this.#next()
    this.ask({ ask: 'close' })
    await Promise.race([answering, gone])
    await worker?.terminate()
  }

  #next(): Promise<Answer> {
    return new Promise(resolve => {
      this.#waiting.push(answer => {
        resolve(answer)
        return 'done'
      })
    })
  }

  #onAnswer(answer: Answer): void {
    // Said here and not where it is awaited: the thread's end may be heard before whoever waits runs on.
    if (answer.tell === 'problem') this.#isClosing = true
    if (answer.tell === 'committed' || answer.tell === 'failed') {
      this.#committed(answer)
      return
    }
    if (answer.tell === 'backed-up') {
      const resolve = this.#backedUp
      this.#backedUp = undefined
      resolve?.(answer.problem)
      return
    }
    const first = this.#waiting[0]
    if (first?.(answer) === 'done') this.#waiting.shift()
  }
}

export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
