// The settings as the broker has them, and changes to them: each is held against what one has seen of them before.

import type { SettingView } from '../../../shared/settings.ts'
import { ApiProblem, ask } from '../../app/api.ts'
import { Loaded } from '../../app/loaded.svelte.ts'

interface Book {
  readonly settings: readonly SettingView[]
  readonly etag: string | undefined
}

interface Settings {
  readonly data: readonly SettingView[]
}

/** Made while a component is set up, and ends with it. */
export class SettingsBook {
  readonly loaded = new Loaded<Book>(async signal => {
    const { data, etag } = await ask<Settings>('GET', '/settings', { signal })
    return { settings: data.data, etag }
  })

  /** null takes back what was changed here. Rejects with ApiProblem; the settings are looked at anew when they had changed. */
  async change(name: string, value: string | null): Promise<void> {
    const { etag: ifMatch } = this.loaded.data ?? {}
    try {
      const given = { body: { [name]: value }, ...(ifMatch === undefined ? {} : { ifMatch }) }
      const { data, etag } = await ask<Settings>('PATCH', '/settings', given)
      this.loaded.put({ settings: data.data, etag })
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 412) await this.loaded.retry()
      throw error
    }
  }
}

export interface SettingArea {
  readonly title: string
  readonly settings: readonly SettingView[]
}

/** In the order in which people read about them; only those in whose words the text stands. */
export function areasOf(
  settings: readonly SettingView[],
  text: string,
  isChangedOnly: boolean,
): readonly SettingArea[] {
  const wanted = text.trim().toLowerCase()
  const found = settings.filter(
    one =>
      (!isChangedOnly || one.value !== one.default) &&
      `${one.name} ${one.meaning} ${one.area}`.toLowerCase().includes(wanted),
  )
  return [...Map.groupBy(found, ({ area }) => area)].map(([title, settings]) => ({ title, settings }))
}
