// Facts of any shape on one line, by the names that the API gives them.

/** `cause=socket closeCode=1006` */
export function dataText(data: Readonly<Record<string, unknown>>): string {
  return Object.entries(data)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join(' ')
}

function valueText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return /[\s="]/.test(value) || value === '' ? JSON.stringify(value) : value
}
