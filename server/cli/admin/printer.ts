// Where the output of a command goes: as a table for people, or as JSON for scripts.

import { escapeInvisible, printable } from '../../../shared/printable.ts'
import type { CliContext } from '../command.ts'
import { cutTo } from './display-width.ts'
import { type Column, factsText, tableText } from './table.ts'
import { type TimeStyle, timeText } from './times.ts'

export class Printer {
  readonly isJson: boolean
  readonly #context: CliContext
  readonly #timeStyle: TimeStyle
  /** Columns of the terminal; undefined: nothing is cut. */
  readonly width: number | undefined
  readonly #now: () => number

  constructor(context: CliContext, switches: ReadonlySet<string>, now: () => number) {
    this.#context = context
    this.isJson = switches.has('--json')
    this.#timeStyle = switches.has('--utc') ? 'utc' : 'relative'
    this.width = switches.has('--wide') ? undefined : context.terminal?.columns
    this.#now = now
  }

  /** As the API wrote it: one object a line. */
  json(value: unknown): void {
    this.#context.out(`${escapeInvisible(JSON.stringify(value))}\n`)
  }

  table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): void {
    this.#context.out(tableText(columns, rows, this.width))
  }

  facts(facts: readonly (readonly [name: string, value: string | undefined])[]): void {
    this.#context.out(factsText(facts))
  }

  /** A sentence, with nothing in it that could steer the terminal. */
  line(text = ''): void {
    this.#context.out(`${printable(text)}\n`)
  }

  /** A line that is cut to the terminal. */
  row(text: string): void {
    const whole = printable(text)
    this.#context.out(`${this.width === undefined ? whole : cutTo(whole, this.width)}\n`)
  }

  /** What a script that reads the output must not find in it. */
  note(text: string): void {
    this.#context.err(`${printable(text)}\n`)
  }

  /** How long something still can be done: `for 14 min`, or `until` then. */
  deadline(at: string): string {
    const text = this.time(at)
    return text.startsWith('in ') ? `for ${text.slice('in '.length)}` : `until ${text}`
  }

  time(at: string | null | undefined): string {
    return timeText(at, this.#now(), this.#timeStyle)
  }
}
