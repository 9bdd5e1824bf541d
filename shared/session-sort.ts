// How lists of sessions are sorted: a column, with a minus in front for the other direction.

import { nearest } from './nearest.ts'

/**
 * Texts go by their code units, numbers and times from small to large. What has no value (no expiry, no origin)
 * comes last in both directions; equal values go by client identifier. IPv6 addresses go by their first 48 bits.
 */
export const sortKeys = [
  'id',
  'state',
  'owner',
  'queued',
  'bytes',
  'full',
  'inflight',
  'dropped',
  'subs',
  'expires',
  'seen',
  'connected',
  'created',
  'proto',
  'transport',
  'ip',
  'origin',
  'agent',
  'path',
] as const
export type SortKey = (typeof sortKeys)[number]

export interface SessionSort {
  readonly key: SortKey
  readonly descending: boolean
}

export interface SortProblem {
  readonly at: 'problem'
  readonly detail: string
  readonly suggestion: string | undefined
}

export const byClientId: SessionSort = { key: 'id', descending: false }

export function parseSort(text: string): SessionSort | SortProblem {
  const descending = text.startsWith('-')
  const name = descending ? text.slice(1) : text
  const key = sortKeys.find(known => known === name)
  if (key !== undefined) return { key, descending }
  const near = nearest(name, sortKeys)
  const detail = `sessions cannot be sorted by "${name}"; there are ${sortKeys.join(', ')}`
  return {
    at: 'problem',
    detail,
    suggestion: near === undefined ? undefined : `${descending ? '-' : ''}${near}`,
  }
}

export function formatSort({ key, descending }: SessionSort): string {
  return `${descending ? '-' : ''}${key}`
}
