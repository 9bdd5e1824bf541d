// The settings of a running broker: as it was started, and what an operator has changed since where that is possible.

import { checks } from './checks.ts'
import type { Sources } from './load.ts'
import { areas, keyOfName, type SettingKey, type Settings, settingOf } from './schema.ts'
import type { Setting } from './setting.ts'
import { describeSource, type Source } from './source.ts'

export interface SettingState {
  readonly area: string
  readonly setting: Setting
  /** As a user would write them. */
  readonly value: string
  /** What holds without the operator's change; the same as `value` where there is none. */
  readonly configured: string
  readonly source: Source['from']
  /** Which file and line, variable or flag. */
  readonly where: string
}

export interface ChangeProblem {
  readonly name: string
  readonly detail: string
}

/** By name; null goes back to what was configured. */
export type Changes = Readonly<Record<string, string | null>>

export class LiveSettings {
  /** The one object that everybody reads: what changes is changed in it. */
  readonly current: Settings
  readonly #configured: Settings
  readonly #sources: Sources | undefined
  readonly #overrides = new Map<SettingKey, unknown>()
  readonly #listeners = new Set<() => void>()

  /** Without sources each value that is not the default counts as given by a flag. */
  constructor(configured: Settings, sources?: Sources) {
    this.#configured = configured
    this.#sources = sources
    this.current = { ...configured }
  }

  /** Told after each change; returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  states(): readonly SettingState[] {
    return areas.flatMap(area =>
      Object.values(area.settings).map(setting => {
        const key = keyOfName(setting.name)!
        const source = this.#sourceOf(key)
        return {
          area: area.title,
          setting,
          value: setting.kind.format(this.current[key]),
          configured: setting.kind.format(this.#configured[key]),
          source: source.from,
          where: describeSource(source),
        }
      }),
    )
  }

  isOverridden(name: string): boolean {
    const key = keyOfName(name)
    return key !== undefined && this.#overrides.has(key)
  }

  /** What is wrong with changes, each by itself and then together; nothing is changed yet. */
  check(changes: Changes): readonly ChangeProblem[] {
    const problems = Object.entries(changes).flatMap(([name, text]) => this.#problemOf(name, text))
    if (problems.length > 0) return problems
    const together = { ...this.current, ...Object.fromEntries(this.#valuesOf(changes)) } as Settings
    const changed = new Set(Object.keys(changes).map(keyOfName))
    return checks
      .filter(check => check.settings.some(key => changed.has(key)))
      .flatMap(check => {
        const detail = check.refuse(together)
        const name = settingOf(check.settings.find(key => changed.has(key))!).name
        return detail === undefined ? [] : [{ name, detail }]
      })
  }

  /** Changes that `check` found nothing wrong with. */
  apply(changes: Changes): void {
    const values = this.current as Record<SettingKey, unknown>
    for (const [key, value] of this.#valuesOf(changes)) {
      values[key] = value
      if (changes[settingOf(key).name] === null) this.#overrides.delete(key)
      else this.#overrides.set(key, value)
    }
    for (const listener of this.#listeners) listener()
  }

  /** The value as it would be written by `format`, whatever way it was written in. */
  normal(name: string, text: string): string {
    const key = keyOfName(name)!
    const parsed = settingOf(key).kind.parse(text, '/')
    return parsed === 'refused' ? text : settingOf(key).kind.format(parsed.value)
  }

  #valuesOf(changes: Changes): readonly (readonly [SettingKey, unknown])[] {
    return Object.entries(changes).flatMap(([name, text]) => {
      const key = keyOfName(name)
      if (key === undefined) return []
      if (text === null) return [[key, this.#configured[key]] as const]
      const parsed = settingOf(key).kind.parse(text, '/')
      return parsed === 'refused' ? [] : [[key, parsed.value] as const]
    })
  }

  #problemOf(name: string, text: string | null): readonly ChangeProblem[] {
    const key = keyOfName(name)
    if (key === undefined) return [{ name, detail: 'is no setting' }]
    const { live, kind } = settingOf(key)
    if (live !== true) return [{ name, detail: 'can only be changed with a restart of the broker' }]
    if (text === null || kind.parse(text, '/') !== 'refused') return []
    return [{ name, detail: `must be ${kind.allowed}` }]
  }

  #sourceOf(key: SettingKey): Source {
    const known = this.#sources?.[key]
    if (known !== undefined) return known
    const { name, kind, default: usual } = settingOf(key)
    const isUsual = kind.format(this.#configured[key]) === usual
    return isUsual ? { from: 'default' } : { from: 'flag', flag: `--${name}` }
  }
}
