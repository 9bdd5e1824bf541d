// The admin API's own description, as tests walk through it.

import assert from 'node:assert/strict'
import type { TSchema } from 'typebox'
import type { ProblemType } from '../../shared/problem.ts'

interface Content {
  readonly schema: TSchema
  readonly example?: unknown
}

export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly 'x-role': 'anyone' | 'viewer' | 'operator' | 'admin'
  readonly 'x-grant'?: string
  readonly 'x-audit'?: string
  readonly 'x-in-read-only'?: 'allowed'
  readonly 'x-limited-keys': 'checked' | 'filtered' | 'refused'
  readonly 'x-problems': readonly ProblemType[]
  readonly parameters: readonly {
    readonly name: string
    readonly in: 'path' | 'query' | 'header'
    readonly required: boolean
    readonly schema: TSchema
  }[]
  readonly requestBody?: { readonly content: { readonly 'application/json': Content } }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>
}

export interface ApiDocument {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

export interface NamedOperation {
  /** `GET /api/v1/broker` */
  readonly name: string
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

export async function readApiDocument(httpUrl: string): Promise<ApiDocument> {
  const response = await fetch(`${httpUrl}/api/v1/openapi.json`)
  assert.equal(response.status, 200)
  return (await response.json()) as ApiDocument
}

export function operationsOf(document: ApiDocument): readonly NamedOperation[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method,
      path,
      operation,
    })),
  )
}
