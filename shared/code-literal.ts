// Any text as a literal of a JavaScript program, in single quotes where that needs no escapes.

export function codeLiteral(text: string): string {
  const inside = JSON.stringify(text).slice(1, -1)
  return /['\\]/.test(inside) ? `"${inside}"` : `'${inside}'`
}
