// The OpenAPI document of the admin API, as this page reads it: routes by tag, found again by words.

import type { Schema } from './schema-words.ts'

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description?: string
  readonly schema: Schema
}

export interface Content {
  readonly schema: Schema
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>
}

export interface ApiResponse {
  readonly description: string
  /** By media type. */
  readonly content?: Readonly<Record<string, Content>>
}

export interface ApiOperation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> }
  readonly responses: Readonly<Record<string, ApiResponse>>
  readonly 'x-role': 'anyone' | 'viewer' | 'operator' | 'admin'
  readonly 'x-grant'?: string
  readonly 'x-audit'?: string
  readonly 'x-audited-with'?: string
  readonly 'x-in-read-only'?: 'allowed'
  readonly 'x-limited-keys': 'checked' | 'filtered' | 'refused'
  readonly 'x-problems': readonly string[]
}

export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

export interface ApiEntry {
  /** In capitals. */
  readonly method: string
  readonly path: string
  readonly operation: ApiOperation
}

export interface TagEntries {
  readonly tag: string
  /** Its place in the page. */
  readonly anchor: string
  readonly entries: readonly ApiEntry[]
}

/** In the order of the document; all words must be in an entry's path, method, tag, role or what it says of itself. */
export function entriesByTag({ tags, paths }: ApiDocument, search: string): readonly TagEntries[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const all = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )
  const found = all.filter(entry => {
    const text = textOf(entry)
    return words.every(word => text.includes(word))
  })
  return tags
    .map(({ name }) => ({
      tag: name,
      anchor: name.toLowerCase().replaceAll(' ', '-'),
      entries: found.filter(entry => entry.operation.tags.includes(name)),
    }))
    .filter(({ entries }) => entries.length > 0)
}

function textOf({ method, path, operation }: ApiEntry): string {
  const { summary, description = '', tags } = operation
  const facts = [operation['x-role'], operation['x-grant'] ?? '', operation['x-audit'] ?? '']
  return [method, path, summary, description, ...tags, ...facts].join(' ').toLowerCase()
}

/** Who may ask it, in words. */
export function accessInWords(operation: ApiOperation): string {
  const role = operation['x-role']
  if (role === 'anyone') return 'Open to anyone: no login, no key.'
  const grant = operation['x-grant']
  const who = `Needs the role ${role}${role === 'admin' ? '' : ' or a higher one'}`
  return grant === undefined ? `${who}.` : `${who}, and the grant ${grant}.`
}

const limitedKeyWords = {
  checked: 'A key for some client ids may use it for those.',
  filtered: 'A key for some client ids sees and does only what concerns those.',
  refused: 'A key for some client ids may not use it.',
} as const

/** What else holds for whoever asks it. */
export function rulesInWords(operation: ApiOperation, method: string): readonly string[] {
  const audit = operation['x-audit']
  const auditedWith = operation['x-audited-with']
  const when = auditedWith === undefined ? '' : `, when ${auditedWith} is given`
  const changes = method !== 'GET'
  const isOpen = operation['x-role'] === 'anyone'
  return [
    ...(audit === undefined || audit === 'none' ? [] : [`Recorded in the audit as ${audit}${when}.`]),
    ...(changes && operation['x-in-read-only'] === undefined ? ['Refused in read-only mode.'] : []),
    ...(changes && operation['x-in-read-only'] === 'allowed' ? ['Allowed in read-only mode.'] : []),
    ...(isOpen ? [] : [limitedKeyWords[operation['x-limited-keys']]]),
  ]
}
