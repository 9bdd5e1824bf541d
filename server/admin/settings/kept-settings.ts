// What operators have changed of the settings, kept over restarts: it wins over file, environment and flags until taken back.

import { createHash } from 'node:crypto'
import type { Millis } from '../../clock.ts'
import type { Changes, LiveSettings, SettingState } from '../../config/live-settings.ts'
import type { Log } from '../../log.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'

const steps = [
  'CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL, changed_by TEXT NOT NULL, changed_at REAL NOT NULL)',
]

export interface SettingChange {
  readonly by: string
  readonly at: Millis
}

export class KeptSettings {
  readonly live: LiveSettings
  readonly #side: SideDatabase
  readonly #changes = new Map<string, SettingChange>()
  /** One change after the other: each is held against what the one before has left. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(live: LiveSettings, side: SideDatabase) {
    this.live = live
    this.#side = side
  }

  async open(log: Log): Promise<void> {
    await this.#side.define('settings', steps)
    for (const row of await this.#side.read('SELECT * FROM setting')) {
      const name = String(row['name'])
      const change = { [name]: String(row['value']) }
      const [problem] = this.live.check(change)
      // It was good once: another version, or other settings beside it, have made it wrong.
      if (problem !== undefined)
        log.warn('a setting that was changed here no longer fits, and is left out', {
          name,
          reason: problem.detail,
        })
      else {
        this.live.apply(change)
        this.#changes.set(name, { by: String(row['changed_by']), at: Number(row['changed_at']) })
      }
    }
  }

  /** Who changed it here, if somebody did. */
  changeOf(name: string): SettingChange | undefined {
    return this.#changes.get(name)
  }

  /** The same as long as nothing is changed. */
  get tag(): string {
    const values = this.live.states().map(({ value }) => value)
    const names = [...this.#changes.keys()].sort()
    return `"${createHash('sha256')
      .update(JSON.stringify([values, names]))
      .digest('base64url')
      .slice(0, 22)}"`
  }

  /**
   * Calls `prepare` when all earlier changes are made; it throws when these must not be. Takes effect when it is on
   * the disk.
   */
  change(changes: Changes, { by, at }: SettingChange, prepare: () => void): Promise<void> {
    const done = this.#queue.then(async () => {
      prepare()
      await this.#side.write(
        Object.entries(changes).map(([name, text]) =>
          text === null
            ? ['DELETE FROM setting WHERE name = ?', name]
            : [
                'INSERT OR REPLACE INTO setting VALUES (?, ?, ?, ?)',
                name,
                this.live.normal(name, text),
                by,
                at,
              ],
        ),
      )
      for (const [name, text] of Object.entries(changes)) {
        if (text === null) this.#changes.delete(name)
        else this.#changes.set(name, { by, at })
      }
      this.live.apply(changes)
    })
    // Whoever asked hears of a failure; the next change goes on.
    this.#queue = done.catch(() => undefined)
    return done
  }

  states(): readonly SettingState[] {
    return this.live.states()
  }
}
