// A table for people: aligned, and cut so that a row is a line of the terminal.

import { printable } from '../../../shared/printable.ts'
import { cutTo, displayWidth, padTo } from './display-width.ts'

export interface Column<Row> {
  readonly title: string
  readonly text: (row: Row) => string
  readonly align?: 'right'
  /** It may be cut to so few columns when the terminal is too narrow; otherwise it is never cut. */
  readonly shrinksTo?: number
  /** Shown only where nothing is cut. */
  readonly onlyWide?: true
}

const GAP = '  '

/** `width` is that of the terminal; undefined cuts nothing and shows all columns. */
export function tableText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | undefined,
): string {
  const shown = columns.filter(column => width === undefined || column.onlyWide !== true)
  const cells = rows.map(row => shown.map(column => printable(column.text(row))))
  const natural = shown.map((column, index) =>
    Math.max(displayWidth(column.title), ...cells.map(line => displayWidth(line[index]!))),
  )
  const widths = width === undefined ? natural : fit(shown, natural, width)
  const lineOf = (texts: readonly string[]): string => {
    const padded = texts.map((text, index) =>
      padTo(cutTo(text, widths[index]!), widths[index]!, shown[index]!.align ?? 'left'),
    )
    const line = padded.join(GAP).trimEnd()
    return `${width === undefined ? line : cutTo(line, width)}\n`
  }
  return [shown.map(column => column.title.toUpperCase()), ...cells].map(lineOf).join('')
}

/** Takes from the widest column that may shrink, until the row fits or nothing more can be taken. */
function fit<Row>(
  columns: readonly Column<Row>[],
  natural: readonly number[],
  width: number,
): readonly number[] {
  const widths = [...natural]
  const gaps = GAP.length * (columns.length - 1)
  let excess = widths.reduce((sum, one) => sum + one, gaps) - width
  while (excess > 0) {
    let widest = -1
    for (const [index, { shrinksTo }] of columns.entries()) {
      if (shrinksTo === undefined || widths[index]! <= shrinksTo) continue
      if (widest < 0 || widths[index]! > widths[widest]!) widest = index
    }
    if (widest < 0) return widths
    widths[widest]!--
    excess--
  }
  return widths
}

/** Names and values below each other, for one thing. */
export function factsText(facts: readonly (readonly [name: string, value: string | undefined])[]): string {
  const told = facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined)
  const width = Math.max(0, ...told.map(([name]) => displayWidth(name)))
  return told.map(([name, value]) => `${padTo(name, width, 'left')}${GAP}${printable(value)}\n`).join('')
}
