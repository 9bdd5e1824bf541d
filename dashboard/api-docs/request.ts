// A GET as somebody fills it in: its address, and the same as a command for a terminal.

import { pathSegment } from '../../shared/path-segment.ts'
import type { ApiEntry, Parameter } from './document.ts'

/** By name; what is empty is left out. */
export type Values = Readonly<Record<string, string>>

export interface FilledIn {
  readonly url: string
  /** Parameters that it cannot do without and that are empty. */
  readonly missing: readonly string[]
}

export function asked({ operation }: ApiEntry): readonly Parameter[] {
  return operation.parameters.filter(parameter => parameter.in !== 'header')
}

export function filledIn(entry: ApiEntry, values: Values): FilledIn {
  const search = new URLSearchParams()
  const missing: string[] = []
  let { path } = entry
  for (const { name, in: place, required } of asked(entry)) {
    const value = values[name] ?? ''
    if (value === '' && required) missing.push(name)
    if (place === 'path' && value !== '') path = path.replace(`{${name}}`, pathSegment(value))
    if (place === 'query' && value !== '') search.set(name, value)
  }
  return { url: search.size === 0 ? path : `${path}?${search}`, missing }
}

/** The key stands in a variable: a command is seen by others on the machine, and kept in a history. */
export function curlOf(origin: string, url: string, { isOpen, streams }: CurlFacts): string {
  const key = isOpen ? '' : ` -H "Authorization: Bearer $HOLDFAST_API_KEY"`
  return `curl ${streams ? '-N ' : ''}'${origin}${url.replaceAll("'", '%27')}'${key}`
}

interface CurlFacts {
  readonly isOpen: boolean
  readonly streams: boolean
}

/** Its answer does not end by itself. */
export function isStream({ operation }: ApiEntry): boolean {
  return Object.values(operation.responses).some(
    ({ content }) => content?.['text/event-stream'] !== undefined,
  )
}
