// What a session is when it is made and when its client comes back; the same for all engines.

import { ulid } from '../random.ts'
import type { AttachRequest, SessionRecord } from './store.ts'

export function newSession(request: AttachRequest): SessionRecord {
  return {
    clientId: request.clientId,
    owner: request.owner,
    generation: ulid(request.now),
    createdAt: request.now,
    version: request.version,
    connection: request.connection,
    expirySeconds: request.expirySeconds,
    expirySource: request.expirySource,
    expiryPinned: request.expiryPinned,
    disconnectedAt: undefined,
    expiresAt: undefined,
    subscriptions: [],
    will: request.will,
    willDueAt: undefined,
  }
}

/** Connected again: no deadline runs, and the will is the new connection's. */
export function resumedSession(record: SessionRecord, request: AttachRequest): SessionRecord {
  const { version, connection, expirySeconds, expirySource, expiryPinned, will } = request
  return {
    ...record,
    disconnectedAt: undefined,
    expiresAt: undefined,
    willDueAt: undefined,
    version,
    connection,
    expirySeconds,
    expirySource,
    expiryPinned,
    will,
  }
}
