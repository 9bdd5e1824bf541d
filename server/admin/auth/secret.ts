// Secrets that we make up: too long to guess, so that a plain hash is enough to keep, and a lookup by it tells nothing.

import { createHash } from 'node:crypto'
import { secretBytes } from '../../random.ts'

const SECRET_BYTES = 32

/** 256 random bits in 43 characters that need no quoting anywhere. */
export function newSecret(): string {
  return secretBytes(SECRET_BYTES).toString('base64url')
}

/** What is kept in its place. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
