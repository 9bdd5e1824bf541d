// The problems that the admin API answers with (RFC 9457): each type's status, title and what it means.

import Type, { type Static } from 'typebox'

/** Types are only ever added, and never get another status: clients act on them. */
export const problemTypes = {
  validation: [
    400,
    'Not valid',
    'The request does not have the form that this route takes; `errors` says where.',
  ],
  'setup-refused': [401, 'Set-up refused', 'The set-up link is wrong, was used or is too old.'],
  'login-refused': [401, 'Login refused', 'The name or the password is wrong.'],
  'not-authenticated': [
    401,
    'Not logged in',
    'This needs a login or an API key, and the one that came is not (or no longer) good.',
  ],
  forbidden: [403, 'Not allowed', 'The role, or the client id prefix of the key, does not allow this.'],
  'forbidden-payload': [403, 'Payloads are hidden', 'This shows payloads, and needs the grant payload:read.'],
  'cross-site': [
    403,
    'From another site',
    'A browser sent this with a cookie and not from a page of this broker.',
  ],
  'read-only': [403, 'Read-only', 'The broker is set to refuse everything that changes something.'],
  'not-found': [404, 'Not found', 'There is nothing at this address.'],
  'method-not-allowed': [
    405,
    'Method not allowed',
    'The address is there, but does not take this method; `Allow` lists those it takes.',
  ],
  conflict: [409, 'Conflict', 'What is there now does not allow this; `detail` says why.'],
  'session-connected': [409, 'Session is connected', 'This needs a session without a connection.'],
  'session-offline': [409, 'Session is not connected', 'This needs a session with a connection.'],
  'plan-drift': [409, 'Plan no longer fits', 'What the plan was made of has changed too much since.'],
  'idempotency-in-progress': [
    409,
    'Still at it',
    'A request with this Idempotency-Key is being carried out, or was cut off by a stop of the broker.',
  ],
  'cursor-expired': [
    410,
    'Cursor expired',
    'The cursor belongs to a list that is no longer kept: start at its first page.',
  ],
  'plan-expired': [410, 'Plan expired', 'The plan is too old to be executed: make it anew.'],
  'session-changed': [412, 'Session changed', 'It is no longer what If-Match says it was.'],
  'precondition-failed': [412, 'Changed', 'It is no longer what If-Match says it was.'],
  'too-large': [413, 'Too large', 'The body is longer than this route takes.'],
  'uri-too-long': [414, 'Address too long', 'A part of the path is longer than anything it could name.'],
  'unsupported-media-type': [415, 'Not JSON', 'Bodies are application/json, and nothing else.'],
  'idempotency-mismatch': [422, 'Another request', 'This Idempotency-Key came with another request before.'],
  'precondition-required': [
    428,
    'If-Match required',
    'This changes something that may have changed meanwhile: send its ETag in If-Match.',
  ],
  'rate-limited': [429, 'Too many requests', 'Wait as long as Retry-After says.'],
  'limit-exceeded': [
    429,
    'Limit exceeded',
    'There are as many of these as there may be; `detail` says which limit.',
  ],
  internal: [500, 'Failed', 'The broker has a fault; its log has the details under the request id.'],
  'broker-unavailable': [503, 'Not available', 'The broker cannot do this at the moment; `detail` says why.'],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string, meaning: string]>>

export type ProblemType = keyof typeof problemTypes

const uriPrefix = 'urn:holdfast:problem:'

export function problemUri(type: ProblemType): string {
  return uriPrefix + type
}

/** Undefined for what this version does not know. */
export function problemTypeOf(uri: string): ProblemType | undefined {
  const type = uri.startsWith(uriPrefix) ? uri.slice(uriPrefix.length) : ''
  return Object.hasOwn(problemTypes, type) ? (type as ProblemType) : undefined
}

/** Some types have further members, which their routes describe. */
export const problemSchema = Type.Object({
  type: Type.String({ description: `\`${uriPrefix}\` and a name that never changes.` }),
  title: Type.String(),
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  detail: Type.Optional(Type.String({ description: 'A sentence about this one occurrence.' })),
  instance: Type.String({ description: 'The path that was asked for.' }),
  requestId: Type.String({ description: 'Also in the header X-Request-Id and in the audit.' }),
  errors: Type.Optional(
    Type.Array(
      Type.Object({
        pointer: Type.String({
          description: 'Where, as a JSON pointer that begins with `/body`, `/query`, `/path` or `/headers`.',
        }),
        detail: Type.String(),
      }),
    ),
  ),
})

export type Problem = Static<typeof problemSchema>
