// What a row of the timeline says in `data`, read one fact at a time: rows of other versions may lack any of them.

export type HappeningData = Readonly<Record<string, unknown>>

/** Undefined when it is no text, or empty. */
export function textOf(data: HappeningData, name: string): string | undefined {
  const value = data[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function numberOf(data: HappeningData, name: string): number | undefined {
  const value = data[name]
  return typeof value === 'number' ? value : undefined
}

/** One side of a takeover. */
export function sideOf(data: HappeningData, name: string): HappeningData | undefined {
  const value = data[name]
  return isData(value) ? value : undefined
}

export function listOf(data: HappeningData, name: string): readonly unknown[] {
  const value = data[name]
  return Array.isArray(value) ? value : []
}

function isData(value: unknown): value is HappeningData {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
