// Saved views, kept in the side database: few, small, and asked for when a page of the console opens.

import type { NewView } from '../../../shared/view.ts'
import type { Millis } from '../../clock.ts'
import { ulid } from '../../random.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideRow } from '../../store/side/side-messages.ts'
import type { Actor } from '../auth/actor.ts'

export const VIEWS_PER_OWNER_MAX = 100

const steps = [
  `CREATE TABLE view (
     id TEXT PRIMARY KEY, owner TEXT NOT NULL, owner_name TEXT NOT NULL, name TEXT NOT NULL, page TEXT NOT NULL,
     query TEXT NOT NULL, shared INTEGER NOT NULL, created_at REAL NOT NULL);
   CREATE INDEX view_owner ON view (owner);`,
]

export interface ViewRecord extends Required<NewView> {
  readonly id: string
  /** Who: `user:...` or `key:...`. */
  readonly owner: string
  readonly ownerName: string
  readonly createdAt: Millis
}

export class Views {
  readonly #side: SideDatabase

  constructor(side: SideDatabase) {
    this.#side = side
  }

  open(): Promise<void> {
    return this.#side.define('views', steps)
  }

  /** One's own, and those that are shared. */
  async seenBy(actor: Actor): Promise<readonly ViewRecord[]> {
    const sql = 'SELECT * FROM view WHERE owner = ? OR shared = 1 ORDER BY name LIMIT 1000'
    return (await this.#side.read(sql, actor.key)).map(viewOf)
  }

  async get(id: string): Promise<ViewRecord | undefined> {
    return (await this.#side.read('SELECT * FROM view WHERE id = ?', id)).map(viewOf)[0]
  }

  async add(given: NewView, actor: Actor, now: Millis): Promise<ViewRecord | 'too-many'> {
    const [row] = await this.#side.read('SELECT count(*) AS count FROM view WHERE owner = ?', actor.key)
    if (Number(row?.['count']) >= VIEWS_PER_OWNER_MAX) return 'too-many'
    const { name, page, query, shared = false } = given
    const view = {
      id: ulid(now),
      owner: actor.key,
      ownerName: actor.facts.name,
      name,
      page,
      query,
      shared,
      createdAt: now,
    }
    await this.#side.write([
      [
        'INSERT INTO view (id, owner, owner_name, name, page, query, shared, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        view.id,
        view.owner,
        view.ownerName,
        name,
        page,
        query,
        shared ? 1 : 0,
        now,
      ],
    ])
    return view
  }

  remove(id: string): Promise<void> {
    return this.#side.write([['DELETE FROM view WHERE id = ?', id]])
  }

  /** Of somebody who is gone: shared ones stay, nobody could see the others. */
  removeUnshared(owner: string): Promise<void> {
    return this.#side.write([['DELETE FROM view WHERE owner = ? AND shared = 0', owner]])
  }
}

function viewOf(row: SideRow): ViewRecord {
  const text = (name: string): string => String(row[name])
  return {
    id: text('id'),
    owner: text('owner'),
    ownerName: text('owner_name'),
    name: text('name'),
    page: text('page'),
    query: text('query'),
    shared: row['shared'] === 1,
    createdAt: Number(row['created_at']),
  }
}
