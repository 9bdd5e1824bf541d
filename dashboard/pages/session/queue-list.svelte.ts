// The queue of a session as far as somebody has read it. What leaves the queue stays where it was, marked as gone; what is
// new comes in behind and is counted. Nothing that is on the screen moves.

import type { QueueFacts, QueueMessage, QueuePage } from '../../../shared/session-queue.ts'
import { ApiProblem, get } from '../../app/api.ts'

const ROWS_PER_PAGE = 200

export interface QueueQuestion {
  /** Empty: all topics. */
  readonly topic: string
  /** With how each payload begins, which the audit notes. */
  readonly withPreview: boolean
}

export class QueueList {
  readonly #path: string
  #question: QueueQuestion = { topic: '', withPreview: false }
  #rows = $state.raw<readonly QueueMessage[] | undefined>(undefined)
  #gone = $state.raw<ReadonlySet<number>>(new Set())
  #facts = $state.raw<QueueFacts | undefined>(undefined)
  #next = $state.raw<string | null>(null)
  /** Behind which row the last page began: what is new is found there. */
  #lastCursor: string | undefined
  #arrived = $state.raw(0)
  #problem = $state.raw<unknown>(undefined)
  #isBusy = $state.raw(false)
  /** Something has changed while it was busy. */
  #isDue = false
  #running = new AbortController()

  constructor(path: string) {
    this.#path = path
  }

  /** Oldest first; undefined until the first page has come. */
  get rows(): readonly QueueMessage[] | undefined {
    return this.#rows
  }

  /** By seq: those among the rows that are in the queue no more. */
  get gone(): ReadonlySet<number> {
    return this.#gone
  }

  get facts(): QueueFacts | undefined {
    return this.#facts
  }

  get hasMore(): boolean {
    return this.#next !== null
  }

  /** How many have come in at the end since somebody looked there. */
  get arrived(): number {
    return this.#arrived
  }

  get problem(): unknown {
    return this.#problem
  }

  get isBusy(): boolean {
    return this.#isBusy
  }

  async show(question: QueueQuestion): Promise<void> {
    this.#question = question
    await this.#ask(async signal => {
      const page = await this.#page(undefined, signal)
      return () => {
        this.#rows = page.data
        this.#gone = new Set()
        this.#arrived = 0
        this.#lastCursor = undefined
        this.#take(page)
      }
    })
  }

  async more(): Promise<void> {
    const cursor = this.#next
    if (cursor === null || this.#isBusy) return
    await this.#ask(async signal => {
      const page = await this.#page(cursor, signal)
      return () => {
        this.#lastCursor = cursor
        this.#append(page.data)
        this.#take(page)
      }
    })
  }

  /** Marks what has gone, and brings in what is new where the end was read already. */
  async refresh(): Promise<void> {
    this.#isDue = this.#isBusy
    if (this.#rows === undefined || this.#isBusy) return
    if (this.#rows.length === 0) return this.show(this.#question)
    await this.#ask(async signal => {
      // A look that nobody asked for shows no payloads: each would be in the audit.
      const head = await this.#page(undefined, signal, false)
      const tail =
        this.#next === null && head.page.next !== null
          ? await this.#page(this.#lastCursor, signal, false)
          : undefined
      return () => {
        this.#markGone(head)
        this.#facts = head.queue
        const end = tail ?? head
        if (this.#next !== null || (tail === undefined && head.page.next !== null)) return
        this.#arrived += this.#append(end.data)
        this.#next = end.page.next
      }
    })
  }

  /** Somebody has seen what came in at the end. */
  seenEnd(): void {
    this.#arrived = 0
  }

  stop(): void {
    this.#isDue = false
    this.#running.abort()
  }

  #take({ page, queue }: QueuePage): void {
    this.#next = page.next
    this.#facts = queue
  }

  /** How many of them are new. */
  #append(found: readonly QueueMessage[]): number {
    const rows = this.#rows ?? []
    const last = rows.at(-1)?.seq ?? 0
    const behind = found.filter(one => one.seq > last)
    if (behind.length > 0) this.#rows = [...rows, ...behind]
    return behind.length
  }

  /** The head says everything about the rows that it reaches over, and nothing about those behind. */
  #markGone({ data, page }: QueuePage): void {
    const rows = this.#rows ?? []
    const until = page.next === null ? Number.POSITIVE_INFINITY : (data.at(-1)?.seq ?? 0)
    const fresh = new Map(data.map(one => [one.seq, one]))
    const gone = new Set(this.#gone)
    for (const { seq } of rows) if (seq <= until && !fresh.has(seq)) gone.add(seq)
    this.#gone = gone
    this.#rows = rows.map(row => ({ ...row, ...fresh.get(row.seq), ...withPayload(row) }))
  }

  #page(cursor: string | undefined, signal: AbortSignal, withPreview = this.#question.withPreview) {
    const { topic } = this.#question
    const payload = withPreview ? 'preview' : undefined
    return get<QueuePage>(this.#path, { topic, payload, cursor, limit: ROWS_PER_PAGE }, signal)
  }

  async #ask(fetch: (signal: AbortSignal) => Promise<() => void>): Promise<void> {
    this.#running.abort()
    const running = new AbortController()
    this.#running = running
    this.#isBusy = true
    try {
      const take = await fetch(running.signal)
      if (running.signal.aborted) return
      take()
      this.#problem = undefined
    } catch (problem) {
      if (running.signal.aborted) return
      // A queue of another session, or a place in it that nobody remembers: from the beginning.
      if (problem instanceof ApiProblem && problem.kind === 'cursor-expired') this.#rows = undefined
      this.#problem = problem
    } finally {
      if (this.#running === running) {
        this.#isBusy = false
        if (this.#isDue) void this.refresh()
      }
    }
  }
}

function withPayload({ payload }: QueueMessage): Pick<QueueMessage, 'payload'> {
  return payload === undefined ? {} : { payload }
}
