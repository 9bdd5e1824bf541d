// A part of a payload as people read it: as text, as indented JSON, or byte by byte.

export type PayloadView = 'text' | 'json' | 'hex'

const BYTES_PER_LINE = 16

export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), character => character.charCodeAt(0))
}

/** What is no UTF-8 has replacement characters in it; a character that is cut at the end is left out. */
export function textOfBytes(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true })
}

/** Indented, with every token as the publisher wrote it; undefined when it is no JSON, or only a part of some. */
export function jsonOf(text: string): string | undefined {
  try {
    JSON.parse(text)
  } catch (error) {
    // Payloads are whatever a publisher sends.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  return indented(text)
}

const token = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g

function indented(json: string): string {
  let text = ''
  let depth = 0
  let before = ''
  const newLine = (): string => `\n${'  '.repeat(depth)}`
  for (const [one] of json.matchAll(token)) {
    const isFirst = before === '{' || before === '['
    if (one === '}' || one === ']') {
      depth--
      text += isFirst ? one : newLine() + one
    } else {
      if (isFirst || before === ',') text += newLine()
      text += one === ':' ? ': ' : one
      if (one === '{' || one === '[') depth++
    }
    before = one
  }
  return text
}

/** `00000010  7b 22 6f 72 …  {"or…`: address, sixteen bytes, and what of them is ASCII. */
export function hexOf(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
    const line = [...bytes.subarray(at, at + BYTES_PER_LINE)]
    const hex = line.map(byte => byte.toString(16).padStart(2, '0'))
    const halves = `${hex.slice(0, 8).join(' ').padEnd(23)}  ${hex.slice(8).join(' ').padEnd(23)}`
    const ascii = line.map(byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${halves}  ${ascii}`)
  }
  return lines.join('\n')
}

/** What one looks at first: JSON that is whole, else text, else bytes. */
export function firstView(bytes: Uint8Array, isText: boolean): PayloadView {
  if (!isText) return 'hex'
  const json = jsonOf(textOfBytes(bytes))
  return json !== undefined && /^[[{]/.test(json) ? 'json' : 'text'
}
