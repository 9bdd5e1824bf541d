// Rows of the timeline that wait for the disk: each happening a row, unless a client has too many of them.

import type { Millis } from '../../clock.ts'
import type { Happening } from './describe.ts'
import {
  FOLD_MS,
  PACES_MAX,
  ROWS_BURST,
  ROWS_PENDING_MAX,
  ROWS_PER_HOUR,
  STRANGERS_ROWS_BURST,
  STRANGERS_ROWS_PER_HOUR,
} from './limits.ts'

const HOUR_MS = 3_600_000

export interface TimelineRow {
  /** Counts from 1 at the start of the process; the writer puts it behind what is on the disk. */
  readonly id: number
  readonly happening: Happening
  /** Of a session that is kept beyond its connection, or of none at all. */
  readonly isPassing: boolean
  /** Undefined in a row that stands for one. */
  until: Millis | undefined
  count: number
  /** Of the latest one it stands for. */
  data: Happening['data']
  /** Written before: the row on the disk grows. */
  wasTaken: boolean
  isPending: boolean
}

/** How much a client may still write, and the rows that grow because it may not. */
interface Pace {
  rows: number
  at: Millis
  folds: Map<string, TimelineRow> | undefined
}

export class Timeline {
  #lastId = 0
  #pending: TimelineRow[] = []
  /** Two halves, the older one dropped whole: to move each client to the end of one map would cost 30 us a row. */
  #paces = new Map<string, Pace>()
  #olderPaces = new Map<string, Pace>()
  readonly #strangers: Pace = { rows: STRANGERS_ROWS_BURST, at: 0, folds: undefined }
  /** Happenings that found no room since it was last asked for. */
  #leftOut = 0

  get pending(): number {
    return this.#pending.length
  }

  /** A row of its own; or, for a client that is too fast, one more in a row that stands for several. */
  add(happening: Happening, isPassing: boolean): void {
    // What an operator does is never too much.
    if (happening.actor === undefined) this.#addAtPace(happening, isPassing, this.#paceOf(happening))
    else this.#append(happening, isPassing)
  }

  /** Of a client that has no session: all of those share one pace, for there is no end of ids to try. */
  addOfStranger(happening: Happening): void {
    const { clientId, at, data } = happening
    const pace = this.#strangers
    refill(pace, at, STRANGERS_ROWS_BURST, STRANGERS_ROWS_PER_HOUR)
    const isOne = pace.rows >= 1
    this.#addAtPace(
      isOne ? happening : { ...happening, clientId: '', data: { ...data, clientId } },
      true,
      pace,
    )
  }

  /** A row that the caller lets grow; undefined when too many wait. */
  begin(happening: Happening, isPassing: boolean): TimelineRow | undefined {
    return this.#append(happening, isPassing)
  }

  /** Writes a row over that was begun before, by who has not kept it. */
  rewrite(id: number, happening: Happening, count: number, until: Millis, isPassing: boolean): void {
    if (this.#pending.length >= ROWS_PENDING_MAX) return
    const { data } = happening
    this.#pending.push({ id, happening, isPassing, until, count, data, wasTaken: true, isPending: true })
  }

  grow(row: TimelineRow, count: number, until: Millis, data: Happening['data']): void {
    row.count += count
    row.until = until
    row.data = data
    if (row.isPending) return
    row.isPending = true
    this.#pending.push(row)
  }

  /** The oldest that wait, to be written now. */
  take(rowsMax: number): readonly TimelineRow[] {
    const taken = this.#pending.slice(0, rowsMax)
    this.#pending = taken.length === this.#pending.length ? [] : this.#pending.slice(rowsMax)
    for (const row of taken) row.isPending = false
    return taken
  }

  /** How many were left out since the last time this was asked. */
  takeLeftOut(): number {
    const leftOut = this.#leftOut
    this.#leftOut = 0
    return leftOut
  }

  #addAtPace(happening: Happening, isPassing: boolean, pace: Pace): void {
    const key = foldKey(happening)
    const fold = pace.folds?.get(key)
    if (pace.rows >= 1) {
      pace.rows--
      this.#append(happening, isPassing)
    } else if (fold !== undefined && happening.at - fold.happening.at < FOLD_MS) {
      this.grow(fold, 1, happening.at, happening.data)
    } else {
      const row = this.#append(happening, isPassing)
      if (row === undefined) return
      pace.folds ??= new Map()
      pace.folds.set(key, row)
    }
  }

  #append(happening: Happening, isPassing: boolean): TimelineRow | undefined {
    if (this.#pending.length >= ROWS_PENDING_MAX) {
      this.#leftOut++
      return undefined
    }
    const id = ++this.#lastId
    const row: TimelineRow = {
      id,
      happening,
      isPassing,
      until: undefined,
      count: 1,
      data: happening.data,
      wasTaken: false,
      isPending: true,
    }
    this.#pending.push(row)
    return row
  }

  #paceOf({ clientId, at }: Happening): Pace {
    let pace = this.#paces.get(clientId)
    if (pace === undefined) {
      pace = this.#olderPaces.get(clientId) ?? { rows: ROWS_BURST, at, folds: undefined }
      if (this.#paces.size >= PACES_MAX / 2) {
        this.#olderPaces = this.#paces
        this.#paces = new Map()
      }
      this.#paces.set(clientId, pace)
    }
    refill(pace, at, ROWS_BURST, ROWS_PER_HOUR)
    return pace
  }
}

function refill(pace: Pace, at: Millis, burst: number, perHour: number): void {
  pace.rows = Math.min(burst, pace.rows + ((at - pace.at) / HOUR_MS) * perHour)
  pace.at = at
}

/** Ends for different causes are told apart, however many there are. */
function foldKey({ kind, data }: Happening): string {
  const cause = data['cause'] ?? data['fault']
  return typeof cause === 'string' ? `${kind} ${cause}` : kind
}
