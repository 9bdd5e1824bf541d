// The shape of one row of the table of settings, and the names that follow from it.

import type { Kind } from './kind.ts'

export interface Setting {
  /** Kebab case: `--session-expiry-max`, HOLDFAST_SESSION_EXPIRY_MAX and the key of the file follow from it. */
  readonly name: string
  readonly kind: Kind<unknown>
  /** As a user would write it, so that the default passes through the same reading as every other value. */
  readonly default: string
  /** Whether an operator may change it while the broker runs. */
  readonly live?: true
  /** One sentence: what the setting does. */
  readonly meaning: string
  /** One sentence: why the default is what it is. */
  readonly because: string
}

export type SettingTable = Readonly<Record<string, Setting>>

export const environmentPrefix = 'HOLDFAST_'

export function flagOf(setting: Pick<Setting, 'name'>): string {
  return `--${setting.name}`
}

export function variableOf(setting: Pick<Setting, 'name'>): string {
  return environmentPrefix + setting.name.toUpperCase().replaceAll('-', '_')
}
