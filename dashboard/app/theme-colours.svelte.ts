// The colours of the theme as plain values, for what is drawn on a canvas; anew when the theme changes.

import { themeChoice } from './theme.svelte.ts'

const names = ['ink-3', 'line', 'accent', 'waiting', 'danger', 'surface'] as const
export type ThemeColours = Readonly<Record<(typeof names)[number], string>>

class CurrentColours {
  #isDark = $state.raw(false)

  constructor() {
    const dark = matchMedia('(prefers-color-scheme: dark)')
    this.#isDark = dark.matches
    dark.addEventListener('change', () => {
      this.#isDark = dark.matches
    })
  }

  get current(): ThemeColours {
    // Read, so that whoever draws hears of a change: of the system's theme and of the one that was chosen here.
    void this.#isDark
    void themeChoice.theme
    const probe = document.createElement('i')
    document.body.append(probe)
    const colours = names.map(name => {
      probe.style.color = `var(--${name})`
      return [name, getComputedStyle(probe).color] as const
    })
    probe.remove()
    return Object.fromEntries(colours) as ThemeColours
  }
}

export const themeColours = new CurrentColours()
