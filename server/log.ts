// The structured log: one line an event, as JSON or as aligned text, that no field value can break or forge.

import { escapeInvisible, printable, quote } from '../shared/printable.ts'
import type { Settings } from './config/schema.ts'

export type LogLevel = Settings['logLevel']

/** Undefined fields are left out. Never a payload, a password or a token. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Log {
  error(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
}

export type LogFormat = 'json' | 'text'

interface LogOptions {
  readonly level: LogLevel
  readonly format: LogFormat
  /** Gets whole lines, each with its line feed. */
  readonly write: (line: string) => void
  /** Wall-clock milliseconds. */
  readonly now: () => number
}

const severity: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 }

/** A longer value says no more, and could fill the disk. */
const VALUE_CHARACTERS_MAX = 4_096

export function createLog(options: LogOptions): Log {
  const lineOf = options.format === 'json' ? jsonLine : textLine
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (severity[level] > severity[options.level]) return
      options.write(lineOf(new Date(options.now()).toISOString(), level, message, fields))
    }
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') }
}

function jsonLine(time: string, level: LogLevel, message: string, fields: LogFields): string {
  const own = { time, level, msg: message }
  // Named before the fields for their place in the line, and after them so that no field can pose as one.
  const line = Object.assign({ ...own }, shorten(fields), own)
  return `${escapeInvisible(JSON.stringify(line))}\n`
}

function textLine(time: string, level: LogLevel, message: string, fields: LogFields): string {
  let line = `${time} ${level.padEnd(5)} ${printable(message)}`
  for (const [name, value] of Object.entries(shorten(fields))) {
    if (value === undefined) continue
    line += ` ${name}=${typeof value === 'string' ? quoteUnlessPlain(value) : value}`
  }
  return `${line}\n`
}

function shorten(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' && value.length > VALUE_CHARACTERS_MAX
        ? `${value.slice(0, VALUE_CHARACTERS_MAX)}...`
        : value,
    ]),
  )
}

function quoteUnlessPlain(value: string): string {
  return /^[\w.:/@+$#-]+$/.test(value) ? value : quote(value)
}
