// Keys by the names that bindings use: what a key writes, `Shift+` before letters and before keys that write nothing.

/** Of KeyboardEvent; `isAltGraph` because some keyboards need it for `[`. */
export interface KeyPress {
  readonly key: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  getModifierState(key: string): boolean
}

/** Undefined for what is the browser's, and for keys that only hold others. */
export function keyName(press: KeyPress): string | undefined {
  const { key, shiftKey, ctrlKey, metaKey, altKey } = press
  if ((ctrlKey || metaKey || altKey) && !press.getModifierState('AltGraph')) return undefined
  if (/^(Shift|Control|Alt|AltGraph|Meta|CapsLock|Dead|Unidentified|Process)$/.test(key)) return undefined
  const shift = shiftKey ? 'Shift+' : ''
  if (key === ' ') return `${shift}Space`
  if (key.length > 1) return shift + key
  // Which keys write a sign with Shift differs from keyboard to keyboard; the sign is what counts.
  return key.toLowerCase() === key.toUpperCase() ? key : shift + key.toLowerCase()
}

export function sequenceOf(keys: string): readonly string[] {
  return keys.split(' ')
}

/** What people who speak to their computer may set off by chance (WCAG 2.1.4), and may therefore switch off. */
export function writesCharacters(keys: string): boolean {
  return sequenceOf(keys).every(key => key.replace(/^Shift\+(?=.)/, '').length === 1)
}

const signs: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
  Escape: 'Esc',
}

/** As it stands on the keyboard, or in the sheet: `Shift+C`, `↓`, `Esc`. */
export function keySign(key: string): string {
  const sign = key.replace(/\w+$/, name => signs[name] ?? name)
  return /^Shift\+[a-z]$/.test(sign) ? `Shift+${sign.slice(-1).toUpperCase()}` : sign
}
