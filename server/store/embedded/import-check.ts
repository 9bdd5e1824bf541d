// Checks all lines of an import before anything is written, and remembers on disk what the writing needs to know.

import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { encodeBody, type StoredReceiver } from '../records.ts'
import { BadLine } from './fields.ts'
import { type ImportedLine, type ImportedMessage, type ImportedSession, readLine } from './import-lines.ts'

export interface TextLine {
  /** From 1. */
  readonly number: number
  /** undefined when its bytes are no UTF-8. */
  readonly text: string | undefined
}

export interface ImportProblem {
  readonly line: number
  readonly field: string
  readonly problem: string
}

/** More say no more to a person. */
const PROBLEMS_MAX = 20

export interface ImportPlan {
  readonly problems: readonly ImportProblem[]
  /** Message numbers with what each of their receivers is to get, by the ordinal of its session. */
  receiversOf(messageNumber: number): { readonly ordinal: number; readonly receiver: Receiver }[]
  readonly lowestMessage: number
  /** Numbers of the sessions that are there and would be replaced. */
  readonly replaced: readonly number[]
  close(): void
}

type Receiver = Omit<StoredReceiver, 'queueNumber'>
type State =
  | { readonly at: 'before-header' }
  | { readonly at: 'outside' }
  | { readonly at: 'session'; readonly session: OpenSession }
  | { readonly at: 'after-end' }

interface OpenSession {
  readonly line: number
  readonly ordinal: number
  readonly sending: ImportedSession['sending']
  /** Of those that `sending` names, the ones that have come. */
  readonly sent: Set<number>
  lastMessage: number
}

/** `existing` is the store to import into, undefined when there is none yet. */
export function checkImport(
  lines: Iterable<TextLine>,
  existing: DatabaseSync | undefined,
  conflicts: 'refuse' | 'replace',
): ImportPlan {
  const check = new ImportCheck(existing, conflicts)
  for (const line of lines) if (!check.line(line)) break
  check.end()
  return check
}

class ImportCheck implements ImportPlan {
  readonly problems: ImportProblem[] = []
  readonly replaced: number[] = []
  lowestMessage = Number.MAX_SAFE_INTEGER
  readonly #existing: DatabaseSync | undefined
  readonly #conflicts: 'refuse' | 'replace'
  /** Unnamed: SQLite keeps it in a file of its own once it is large, and removes that when it is closed. */
  readonly #scratch = new DatabaseSync('')
  readonly #statements
  #state: State = { at: 'before-header' }
  readonly #counts = { sessions: 0, messages: 0, retained: 0 }
  #lastLine = 0

  constructor(existing: DatabaseSync | undefined, conflicts: 'refuse' | 'replace') {
    this.#existing = existing
    this.#conflicts = conflicts
    this.#scratch.exec(scratchSchema)
    const prepare = (sql: string) => this.#scratch.prepare(sql)
    this.#statements = {
      existing: prepare('SELECT number FROM existing WHERE client_id = ?'),
      addSession: prepare('INSERT OR IGNORE INTO session VALUES (?)'),
      addRetained: prepare('INSERT OR IGNORE INTO retained VALUES (?)'),
      findBody: prepare('SELECT hash, line FROM body WHERE number = ?'),
      addBody: prepare('INSERT INTO body VALUES (?, ?, ?)'),
      addEntry: prepare('INSERT INTO entry VALUES (?, ?, ?)'),
      receivers: prepare('SELECT ordinal, receiver FROM entry WHERE number = ? ORDER BY ordinal'),
    }
    this.#scratch.exec('BEGIN')
    if (existing !== undefined) this.#learn(existing)
  }

  #learn(existing: DatabaseSync): void {
    const add = this.#scratch.prepare('INSERT OR REPLACE INTO existing VALUES (?, ?)')
    for (const row of existing.prepare(SELECT_PRESENT).iterate())
      add.run(String(row['client_id']), Number(row['number']))
  }

  /** False once there are so many problems that the rest need not be read. */
  line({ number, text }: TextLine): boolean {
    this.#lastLine = number
    try {
      if (text === undefined) throw new BadLine('', 'is not UTF-8')
      if (text.trim() !== '') this.#take(readLine(text), number)
    } catch (error) {
      if (!(error instanceof BadLine)) throw error
      this.#problem(number, error.field, error.message)
    }
    return this.problems.length < PROBLEMS_MAX
  }

  #take(line: ImportedLine, number: number): void {
    if ((line.kind === 'header') !== (this.#state.at === 'before-header')) {
      this.#state = { at: 'outside' }
      throw new BadLine('kind', line.kind === 'header' ? 'may be header only once' : 'must be header first')
    }
    if (this.#state.at === 'after-end') throw new BadLine('kind', 'comes after the end')
    if (line.kind === 'message') {
      this.#takeMessage(line.entry, number)
      return
    }
    this.#leaveSession()
    if (line.kind === 'header') this.#state = { at: 'outside' }
    else if (line.kind === 'session') this.#takeSession(line.session, number)
    else if (line.kind === 'retained') this.#takeRetained(line.message.topic.name)
    else if (line.kind === 'end') this.#takeEnd(line)
  }

  #takeSession({ record, sending }: ImportedSession, line: number): void {
    const ordinal = this.#counts.sessions++
    this.#state = { at: 'session', session: { line, ordinal, sending, sent: new Set(), lastMessage: 0 } }
    const { clientId } = record
    if (this.#statements.addSession.run(clientId).changes === 0)
      throw new BadLine('clientId', 'has a session above already')
    const number = this.#statements.existing.get(clientId)?.['number']
    if (number === undefined) return
    if (this.#conflicts === 'refuse')
      throw new BadLine('clientId', 'has a session in the store already: --overwrite replaces it')
    this.replaced.push(Number(number))
  }

  #takeMessage({ number, message, receiver }: ImportedMessage, line: number): void {
    this.#counts.messages++
    if (this.#state.at !== 'session') throw new BadLine('kind', 'is message, and no session stands above it')
    const { session } = this.#state
    if (number <= session.lastMessage)
      throw new BadLine('number', "must grow: a session's messages stand in order")
    session.lastMessage = number
    if (receiver.qos === 2 && session.sending.some(one => one.message === number)) session.sent.add(number)
    this.lowestMessage = Math.min(this.lowestMessage, number)
    const hash = createHash('sha256').update(encodeBody(message)).digest()
    const former = this.#statements.findBody.get(number)
    if (former === undefined) this.#statements.addBody.run(number, hash, line)
    else if (!hash.equals(former['hash'] as Uint8Array))
      throw new BadLine('number', `is that of line ${former['line']}, which has another message`)
    this.#statements.addEntry.run(number, session.ordinal, JSON.stringify(receiver))
  }

  #takeRetained(topic: string): void {
    this.#counts.retained++
    this.#state = { at: 'outside' }
    if (this.#statements.addRetained.run(topic).changes === 0)
      throw new BadLine('topic', 'has a retained message above already')
    if (this.#conflicts === 'replace') return
    const found = this.#existing?.prepare('SELECT 1 FROM retained WHERE topic = ?').get(topic)
    if (found !== undefined)
      throw new BadLine('topic', 'has a retained message in the store already: --overwrite replaces it')
  }

  #takeEnd(end: Extract<ImportedLine, { kind: 'end' }>): void {
    this.#state = { at: 'after-end' }
    for (const name of ['sessions', 'messages', 'retained'] as const) {
      if (end[name] !== this.#counts[name])
        throw new BadLine(name, `is ${end[name]}, and ${this.#counts[name]} stand above`)
    }
  }

  #leaveSession(): void {
    if (this.#state.at !== 'session') return
    const { line, sending, sent } = this.#state.session
    this.#state = { at: 'outside' }
    sending.forEach(({ message }, index) => {
      if (sent.has(message)) return
      const problem = `is ${message}, and no message of QoS 2 with that number follows`
      this.#problem(line, `sending[${index}].message`, problem)
    })
  }

  end(): void {
    if (this.problems.length < PROBLEMS_MAX && this.#state.at !== 'after-end')
      this.#problem(this.#lastLine, '', 'is the last line, and not that of kind end: the file is not whole')
    this.#scratch.exec('COMMIT')
  }

  #problem(line: number, field: string, problem: string): void {
    this.problems.push({ line, field, problem })
  }

  receiversOf(messageNumber: number): { readonly ordinal: number; readonly receiver: Receiver }[] {
    return this.#statements.receivers.all(messageNumber).map(row => ({
      ordinal: Number(row['ordinal']),
      receiver: JSON.parse(String(row['receiver'])) as Receiver,
    }))
  }

  close(): void {
    this.#scratch.close()
  }
}

/** A buried session is in nobody's way. */
const SELECT_PRESENT = `
  SELECT client_id, number FROM session WHERE number NOT IN (SELECT number FROM tombstone WHERE what = 'session')`

const scratchSchema = `
  CREATE TABLE existing (client_id TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID;
  CREATE TABLE session (client_id TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE retained (topic TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE body (number INTEGER PRIMARY KEY, hash BLOB, line INTEGER);
  CREATE TABLE entry (number INTEGER, ordinal INTEGER, receiver TEXT, PRIMARY KEY (number, ordinal)) WITHOUT ROWID;
`
