// The table of all settings: file, environment, flags, documentation and the type `Settings` follow from it.

import type { Kind } from './kind.ts'
import type { Setting, SettingTable } from './setting.ts'
import { adminSettings } from './settings-admin.ts'
import { historySettings } from './settings-history.ts'
import { listenerSettings } from './settings-listeners.ts'
import { flowSettings, observationSettings } from './settings-operation.ts'
import { packetSettings, timeSettings } from './settings-protocol.ts'
import { queueSettings, retainedSettings, sessionSettings } from './settings-sessions.ts'
import { stuckSettings } from './settings-stuck.ts'
import { undoSettings } from './settings-undo.ts'

export const schema = {
  ...listenerSettings,
  ...packetSettings,
  ...timeSettings,
  ...sessionSettings,
  ...queueSettings,
  ...retainedSettings,
  ...undoSettings,
  ...stuckSettings,
  ...adminSettings,
  ...historySettings,
  ...flowSettings,
  ...observationSettings,
} as const satisfies SettingTable

type Schema = typeof schema
export type SettingKey = keyof Schema

/**
 * Every setting's value by its key. Durations are in the unit that the key ends with, sizes in bytes.
 * What is switched off (`off`, `none`, `never`) is undefined, so that whoever reads it has to say what that means.
 */
export type Settings = {
  readonly [Key in SettingKey]: Schema[Key]['kind'] extends Kind<infer Value> ? Value : never
}

/** The settings in the order in which people read about them. */
export const areas: readonly { readonly title: string; readonly settings: SettingTable }[] = [
  { title: 'Listeners, access and data', settings: listenerSettings },
  { title: 'Packets', settings: packetSettings },
  { title: 'Time', settings: timeSettings },
  { title: 'Sessions', settings: sessionSettings },
  { title: 'Queues', settings: queueSettings },
  { title: 'Retained messages', settings: retainedSettings },
  { title: 'Undo', settings: undoSettings },
  { title: 'Stuck sessions', settings: stuckSettings },
  { title: 'Admin API', settings: adminSettings },
  { title: 'History', settings: historySettings },
  { title: 'Connections and flow', settings: flowSettings },
  { title: 'Log, $SYS and metrics', settings: observationSettings },
]

export const settingKeys = Object.keys(schema) as readonly SettingKey[]

export const settingNames: readonly string[] = settingKeys.map(key => schema[key].name)

export function settingOf(key: SettingKey): Setting {
  return schema[key]
}

/** Undefined if no setting has that name. */
export function keyOfName(name: string): SettingKey | undefined {
  return settingKeys.find(key => schema[key].name === name)
}

/** The value of a setting as a user would write it. */
export function formatValue(settings: Settings, key: SettingKey): string {
  return settingOf(key).kind.format(settings[key])
}
