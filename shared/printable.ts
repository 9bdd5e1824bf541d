// Makes text from outside safe to print: it can neither end a line nor steer a terminal.

/** The text between double quotes, with everything escaped that does not simply show as itself. */
export function quote(text: string): string {
  return escapeInvisible(JSON.stringify(text))
}

/** The same without the quotes, for a text that stands alone. */
export function printable(text: string): string {
  return quote(text).slice(1, -1).replaceAll('\\"', '"')
}

/**
 * Escapes what JSON leaves as it is and a terminal or a reader does not: delete and the C1 controls (U+009B
 * starts an escape sequence), line and paragraph separators, and the marks that turn the direction of text
 * around. Valid JSON stays valid JSON with the same meaning.
 */
export function escapeInvisible(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
