// Where the text of a setting came from, and what is wrong with it, in words.

import { printable, quote } from '../../shared/printable.ts'

export type Source =
  | { readonly from: 'default' }
  | { readonly from: 'file'; readonly path: string; readonly line: number | undefined }
  | { readonly from: 'environment'; readonly variable: string }
  | { readonly from: 'flag'; readonly flag: string }

/** One thing that is wrong; `setting` and `value` are there where the problem is with one of them. */
export interface Problem {
  readonly source: Source
  readonly setting?: string
  readonly value?: string
  /** What is wrong or what is allowed, without setting, value or source: those stand in front of it. */
  readonly detail: string
}

/** A text for a setting, as it was written. */
export interface Given {
  readonly name: string
  readonly text: string
  readonly source: Source
}

export function describeSource(source: Source): string {
  switch (source.from) {
    case 'default':
      return 'default'
    case 'file':
      return source.line === undefined ? `file ${source.path}` : `file ${source.path}, line ${source.line}`
    case 'environment':
      return `environment variable ${source.variable}`
    case 'flag':
      return `flag ${source.flag}`
  }
}

export function describeProblem(problem: Problem): string {
  const where = problem.source.from === 'default' ? '' : ` (${describeSource(problem.source)})`
  if (problem.setting === undefined) return printable(`${problem.detail}${where}`)
  const value = problem.value === undefined ? '' : ` = ${shown(problem.value)}`
  return `${printable(problem.setting)}${value}${printable(`${where}: ${problem.detail}`)}`
}

function shown(value: string): string {
  return quote(value.length > 200 ? `${value.slice(0, 200)}...` : value)
}
