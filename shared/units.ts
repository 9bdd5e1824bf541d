// Durations and byte counts as people write them (`10s`, `7d`, `64KiB`), read and written in one place.

const msPerUnit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
type DurationUnit = keyof typeof msPerUnit

const bytesPerUnit = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const
type ByteUnit = keyof typeof bytesPerUnit

/** Milliseconds, or undefined if the text is no duration; a number without a unit is seconds. */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d{1,15})(ms|s|m|h|d)?$/.exec(text)
  if (match === null) return undefined
  const ms = Number(match[1]) * msPerUnit[(match[2] ?? 's') as DurationUnit]
  return Number.isSafeInteger(ms) ? ms : undefined
}

/** The shortest text that `parseDurationMs` reads back as the same number: `90s`, `2h`, `7d`. */
export function formatDurationMs(ms: number): string {
  return inLargestUnit(ms, msPerUnit)
}

/** Bytes, or undefined if the text is no byte count; a number without a unit is bytes. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,15})(B|KiB|MiB|GiB|TiB)?$/i.exec(text)
  if (match === null) return undefined
  const unit = byteUnits.find(known => known.toLowerCase() === match[2]?.toLowerCase()) ?? 'B'
  const bytes = Number(match[1]) * bytesPerUnit[unit]
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** The shortest text that `parseBytes` reads back as the same number: `1500B`, `64KiB`, `4GiB`. */
export function formatBytes(bytes: number): string {
  return inLargestUnit(bytes, bytesPerUnit)
}

const byteUnits = Object.keys(bytesPerUnit) as ByteUnit[]

function inLargestUnit(count: number, units: Readonly<Record<string, number>>): string {
  if (count === 0) return '0'
  let best = `${count}`
  for (const [unit, size] of Object.entries(units)) {
    if (count % size === 0) best = `${count / size}${unit}`
  }
  return best
}
