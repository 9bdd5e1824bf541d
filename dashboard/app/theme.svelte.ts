// Light or dark: as the system has it until somebody chooses, and then as chosen in this browser.

export type Theme = 'system' | 'light' | 'dark'

const KEY = 'holdfast.theme'
const order: readonly Theme[] = ['system', 'light', 'dark']

class ThemeChoice {
  #theme = $state<Theme>(stored())

  get theme(): Theme {
    return this.#theme
  }

  next(): void {
    this.choose(order[(order.indexOf(this.#theme) + 1) % order.length]!)
  }

  choose(theme: Theme): void {
    this.#theme = theme
    if (theme === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, theme)
    this.apply()
  }

  /** The tokens follow the attribute; without one they follow the system. */
  apply(): void {
    if (this.#theme === 'system') document.documentElement.removeAttribute('data-theme')
    else document.documentElement.dataset['theme'] = this.#theme
  }
}

function stored(): Theme {
  const found = localStorage.getItem(KEY)
  return order.find(one => one === found) ?? 'system'
}

export const themeChoice = new ThemeChoice()
