// Cursors: where a list goes on, sealed so that nobody can make one up, and bound to the list they were made for.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { type Filter, formatFilter } from '../../../shared/filter-grammar.ts'
import { formatSort, type SessionSort } from '../../../shared/session-sort.ts'
import type { Millis } from '../../clock.ts'
import { CURSOR_AGE_MS_MAX } from '../../limits.ts'
import type { Place, SortValue } from './order.ts'

/** Bytes of the seal and of the list's name: enough that nobody guesses one, short enough for an address. */
const SEAL_BYTES = 16
const LIST_BYTES = 12

export interface CursorFacts {
  readonly place: Place
  /** The moment that all pages of the list are about: `seen<7d` means the same on each. */
  readonly asked: Millis
}

export type CursorProblem = 'cursor-mismatch' | 'cursor-expired'

interface Written {
  readonly list: string
  readonly value: SortValue | null
  readonly clientId: string
  readonly asked: Millis
  readonly issued: Millis
}

export class Cursors {
  readonly #key: Uint8Array
  readonly #run: string

  /** `run` names this run of the broker; the cursors of another one are not known here. */
  constructor(key: Uint8Array, run: string) {
    this.#key = key
    this.#run = run
  }

  write(filter: Filter, sort: SessionSort, { place, asked }: CursorFacts, now: Millis): string {
    const { value = null, clientId } = place
    const written: Written = { list: nameOf(filter, sort), value, clientId, asked, issued: now }
    const body = Buffer.from(JSON.stringify(written)).toString('base64url')
    return `${this.#run}.${body}.${this.#seal(body).toString('base64url')}`
  }

  /** Of another run or too old: expired. For another filter or sort, or not from here: mismatch. */
  read(text: string, filter: Filter, sort: SessionSort, now: Millis): CursorFacts | CursorProblem {
    const [run, body, seal, ...rest] = text.split('.')
    if (run === undefined || body === undefined || seal === undefined || rest.length > 0)
      return 'cursor-mismatch'
    if (run !== this.#run) return 'cursor-expired'
    const given = Buffer.from(seal, 'base64url')
    if (given.length !== SEAL_BYTES || !timingSafeEqual(given, this.#seal(body))) return 'cursor-mismatch'
    const written = JSON.parse(Buffer.from(body, 'base64url').toString()) as Written
    if (written.list !== nameOf(filter, sort)) return 'cursor-mismatch'
    if (now - written.issued > CURSOR_AGE_MS_MAX) return 'cursor-expired'
    const { value, clientId, asked } = written
    return { place: { value: value ?? undefined, clientId }, asked }
  }

  #seal(body: string): Buffer {
    return createHmac('sha256', this.#key).update(body).digest().subarray(0, SEAL_BYTES)
  }
}

function nameOf(filter: Filter, sort: SessionSort): string {
  const text = `${formatSort(sort)}\n${formatFilter(filter)}`
  return createHash('sha256').update(text).digest().subarray(0, LIST_BYTES).toString('base64url')
}
