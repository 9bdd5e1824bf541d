// Lists of members in the side database, in pages: of plans, and of the operations that execute them.

import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideStatement } from '../../store/side/side-messages.ts'
import { type Member, memberOf } from '../plans/member.ts'

/** About 25 KB of text; all pages of a list but the last have as many. */
export const PAGE_ITEMS = 256
const PAGES_PER_WRITE = 16

const MODULE = 'items'
const steps: readonly string[] = [
  `CREATE TABLE item_page (
    list TEXT NOT NULL,
    page INTEGER NOT NULL,
    lines TEXT NOT NULL,
    UNIQUE (list, page)
  );`,
]

/** Brings the table up to date; rejects with SideProblem. */
export function openItems(side: SideDatabase): Promise<void> {
  return side.define(MODULE, steps)
}

/** Writes a list from its start; what is not finished nobody refers to, and `dropList` takes it away. */
export class PageWriter {
  readonly #side: SideDatabase
  readonly #list: string
  #lines: string[] = []
  #page = 0
  #statements: SideStatement[] = []

  constructor(side: SideDatabase, list: string) {
    this.#side = side
    this.#list = list
  }

  add(line: string): void {
    this.#lines.push(line)
    if (this.#lines.length === PAGE_ITEMS) this.#endPage()
  }

  /** To be flushed before more is added. */
  get isFull(): boolean {
    return this.#statements.length >= PAGES_PER_WRITE
  }

  /** Resolves when what is full is on the disk; rejects with SideProblem. */
  async flush(): Promise<void> {
    await this.#side.write(this.#statements.splice(0))
  }

  /** The rest. */
  async finish(): Promise<void> {
    if (this.#lines.length > 0) this.#endPage()
    await this.flush()
  }

  #endPage(): void {
    const lines = this.#lines.join('\n')
    this.#lines = []
    this.#statements.push([
      'INSERT INTO item_page (list, page, lines) VALUES (?, ?, ?)',
      this.#list,
      this.#page++,
      lines,
    ])
  }
}

/** Members `from` to `from + count` - 1, as many as there are. */
export async function readMembers(
  side: SideDatabase,
  list: string,
  from: number,
  count: number,
): Promise<readonly Member[]> {
  const lines = await readLines(side, list, from, count)
  return lines.map(memberOf)
}

export async function readLines(
  side: SideDatabase,
  list: string,
  from: number,
  count: number,
): Promise<readonly string[]> {
  const first = Math.floor(from / PAGE_ITEMS)
  const last = Math.floor((from + count - 1) / PAGE_ITEMS)
  const rows = await side.read(
    'SELECT lines FROM item_page WHERE list = ? AND page BETWEEN ? AND ? ORDER BY page',
    list,
    first,
    last,
  )
  const start = from - first * PAGE_ITEMS
  return rows.flatMap(row => String(row['lines']).split('\n')).slice(start, start + count)
}

/** Everything of a list, a few pages at a time; pages of one list are never changed. */
export async function* allLines(side: SideDatabase, list: string): AsyncGenerator<readonly string[]> {
  const step = PAGES_PER_WRITE * PAGE_ITEMS
  for (let from = 0; ; from += step) {
    const lines = await readLines(side, list, from, step)
    if (lines.length > 0) yield lines
    if (lines.length < step) return
  }
}

const PAGES_PER_DROP = 400

/** In steps, so that nobody waits long for the database. */
export async function dropList(side: SideDatabase, list: string): Promise<void> {
  for (let page = 0; ; page += PAGES_PER_DROP) {
    const [row] = await side.read(
      'SELECT 1 AS there FROM item_page WHERE list = ? AND page >= ? LIMIT 1',
      list,
      page,
    )
    if (row === undefined) return
    await side.write([
      [
        'DELETE FROM item_page WHERE list = ? AND page BETWEEN ? AND ?',
        list,
        page,
        page + PAGES_PER_DROP - 1,
      ],
    ])
  }
}
