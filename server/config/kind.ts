// The kinds of value a setting may have: each reads one text, whether it came from file, environment or flag.

import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { formatAddressRange, parseAddressRange } from '../../shared/address.ts'
import { formatBytes, formatDurationMs, parseBytes, parseDurationMs } from '../../shared/units.ts'

export type Parsed<T> = { readonly value: T } | 'refused'

export interface Kind<T> {
  readonly kind:
    | 'port'
    | 'host'
    | 'path'
    | 'url-path'
    | 'boolean'
    | 'enum'
    | 'integer'
    | 'duration'
    | 'bytes'
    | 'list'
    | 'text'
  /** What may be written, to follow "must be". */
  readonly allowed: string
  /** Paths are resolved against the working directory; no other kind looks at it. */
  parse(text: string, workingDirectory: string): Parsed<T>
  /** A text that `parse` reads back as the same value. */
  format(value: T): string
}

/** Any of these switches off what can be switched off; the value is then undefined. */
const offWords: readonly string[] = ['off', 'none', 'never']
export type OffWord = 'off' | 'none' | 'never'

/** A kind that may also be switched off: `word` is how it is shown, and the value is undefined. */
export function orOff<T>(
  word: OffWord,
  kind: Kind<T>,
  otherWords: readonly string[] = [],
): Kind<T | undefined> {
  return {
    kind: kind.kind,
    allowed: `${kind.allowed}, or ${word}`,
    parse: (text, workingDirectory) =>
      offWords.includes(text) || otherWords.includes(text)
        ? { value: undefined }
        : kind.parse(text, workingDirectory),
    format: value => (value === undefined ? word : kind.format(value)),
  }
}

export function integer(range: { readonly min: number; readonly max: number }): Kind<number> {
  return {
    kind: 'integer',
    allowed: `a whole number from ${range.min} to ${range.max}`,
    parse: text => within(/^\d{1,15}$/.test(text) ? Number(text) : undefined, range),
    format: String,
  }
}

export const port: Kind<number> = {
  ...integer({ min: 0, max: 65_535 }),
  kind: 'port',
  allowed: 'a port from 1 to 65535, or 0 for a free one',
}

/** A duration is held in the unit that the setting's key ends with; a plain number always means seconds. */
export function duration(options: {
  readonly unit: 'seconds' | 'ms'
  readonly min: string
  readonly max: string
}): Kind<number> {
  const divisor = options.unit === 'seconds' ? 1000 : 1
  const range = { min: parseDurationMs(options.min) ?? 0, max: parseDurationMs(options.max) ?? 0 }
  return {
    kind: 'duration',
    allowed: `a duration from ${options.min} to ${options.max}, such as 10s, 5m, 12h or 7d (a plain number is seconds)`,
    parse: text => {
      const ms = within(parseDurationMs(text), range)
      if (ms === 'refused' || ms.value % divisor !== 0) return 'refused'
      return { value: ms.value / divisor }
    },
    format: value => formatDurationMs(value * divisor),
  }
}

export function bytes(options: { readonly min: string; readonly max: string }): Kind<number> {
  const range = { min: parseBytes(options.min) ?? 0, max: parseBytes(options.max) ?? 0 }
  return {
    kind: 'bytes',
    allowed: `a size from ${options.min} to ${options.max}, such as 64KiB or 16MiB (a plain number is bytes)`,
    parse: text => within(parseBytes(text), range),
    format: formatBytes,
  }
}

export const boolean: Kind<boolean> = {
  kind: 'boolean',
  allowed: 'true or false',
  parse: text => (text === 'true' || text === 'false' ? { value: text === 'true' } : 'refused'),
  format: String,
}

export function oneOf<const Value extends string>(values: readonly Value[]): Kind<Value> {
  return {
    kind: 'enum',
    allowed: values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`,
    parse: text => {
      const value = values.find(known => known === text)
      return value === undefined ? 'refused' : { value }
    },
    format: value => value,
  }
}

export const host: Kind<string> = {
  kind: 'host',
  allowed: 'an IP address or a host name',
  parse: text => {
    const bare = text.replace(/^\[(.*)\]$/, '$1')
    if (isIP(bare) !== 0) return { value: bare }
    // Digits and dots alone would be a mistyped address, never a name.
    const isName = /^(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/i.test(text) && !/^[\d.]+$/.test(text)
    return isName ? { value: text } : 'refused'
  },
  format: value => value,
}

export const path: Kind<string> = {
  kind: 'path',
  allowed: 'a path, taken from the working directory if it is relative',
  parse: (text, workingDirectory) =>
    text === '' || text.includes('\0') ? 'refused' : { value: resolve(workingDirectory, text) },
  format: value => value,
}

/** `/` and `/api` belong to the dashboard and the admin API. */
export const urlPath: Kind<string> = {
  kind: 'url-path',
  allowed: 'a URL path such as /mqtt, neither / nor below /api',
  parse: text =>
    /^(\/[A-Za-z0-9._~-]+)+$/.test(text) && !/^\/api(\/|$)/.test(text) ? { value: text } : 'refused',
  format: value => value,
}

/** Origins of web pages; `*` alone allows all, `none` alone allows only clients that send no Origin. */
export const origins: Kind<readonly string[]> = {
  kind: 'list',
  allowed:
    'a list (separated by commas) of localhost, same and origins such as https://app.example, or * for any, or none',
  parse: text => {
    const items = text.split(',').map(item => item.trim())
    if (items.length === 1 && items[0] === 'none') return { value: [] }
    if (items.includes('*') && items.length > 1) return 'refused'
    return items.every(isOriginRule) ? { value: items } : 'refused'
  },
  format: value => (value.length === 0 ? 'none' : value.join(', ')),
}

function isOriginRule(item: string): boolean {
  if (item === 'localhost' || item === 'same' || item === '*') return true
  return /^https?:\/\//.test(item) && URL.canParse(item) && new URL(item).origin === item
}

/** Beginnings of client identifiers; `none` alone: of none. */
export const prefixes: Kind<readonly string[]> = {
  kind: 'list',
  allowed: 'a list (separated by commas) of what client identifiers begin with, or none',
  parse: text => {
    const items = text.split(',').map(item => item.trim())
    if (items.length === 1 && items[0] === 'none') return { value: [] }
    return items.every(item => item !== '') ? { value: items } : 'refused'
  },
  format: value => (value.length === 0 ? 'none' : value.join(', ')),
}

/** A few words for people. */
export const label: Kind<string> = {
  kind: 'text',
  allowed: 'at most 40 visible characters',
  parse: text => (/^(?=\S)[^\p{C}\p{Zl}\p{Zp}]{1,40}(?<=\S)$/u.test(text) ? { value: text } : 'refused'),
  format: value => value,
}

/** Addresses and networks; never all there are, which would be to believe everybody. */
export const networks: Kind<readonly string[]> = {
  kind: 'list',
  allowed: 'a list (separated by commas) of addresses and networks such as 10.0.0.0/8 or fd00::/8, or none',
  parse: text => {
    const items = text.split(',').map(item => item.trim())
    if (items.length === 1 && items[0] === 'none') return { value: [] }
    const ranges = items.map(parseAddressRange)
    const value = ranges.flatMap(range =>
      range === undefined || range.prefixLength === 0 ? [] : [formatAddressRange(range)],
    )
    return value.length === items.length ? { value } : 'refused'
  },
  format: value => (value.length === 0 ? 'none' : value.join(', ')),
}

function within(
  value: number | undefined,
  range: { readonly min: number; readonly max: number },
): Parsed<number> {
  return value === undefined || value < range.min || value > range.max ? 'refused' : { value }
}
