// Authentication methods for tests: what an extension would bring, small enough to see through.

import type {
  AuthenticationExchange,
  AuthenticationMethods,
  ExchangeStep,
} from '../../server/access/authenticate.ts'
import { type Fault, fault } from '../../server/protocol/fault.ts'

/** Two steps: the client names its user, gets a nonce, and answers with the nonce reversed behind its name. */
export const CHALLENGE = 'CHALLENGE'
/** One step: the data is the name of the user; without data the user is `nobody`. */
export const NAME = 'NAME'
/** As NAME, but the answer takes its time. */
export const SLOW = 'SLOW'

export const SLOW_MS = 150

/** Asks for this many rounds beyond the first, with this many bytes of data each. */
export const LONG = 'LONG'
export const LONG_ROUNDS = 5
export const LONG_BYTES = 200

const usersKnown = ['ada', 'grace', 'nobody']

export const testMethods: AuthenticationMethods = new Map([
  [CHALLENGE, challenge],
  [NAME, () => ({ next: nameStep })],
  [SLOW, slow],
  [LONG, long],
])

export function reversed(data: Buffer | undefined): string {
  return [...(data?.toString() ?? '')].reverse().join('')
}

function refused(): Fault {
  return fault('not-authorized', 'the proof is wrong')
}

async function nameStep(data: Uint8Array | undefined): Promise<ExchangeStep | Fault> {
  const user = data === undefined ? 'nobody' : Buffer.from(data).toString()
  if (!usersKnown.includes(user)) return refused()
  return { at: 'done', identity: { user }, data: undefined }
}

let nonces = 0

function challenge(): AuthenticationExchange {
  let user: string | undefined
  const nonce = `nonce-${++nonces}`
  return {
    next: async data => {
      const text = Buffer.from(data ?? []).toString()
      if (user === undefined) {
        user = text
        return { at: 'challenge', data: Buffer.from(nonce) }
      }
      const expected = `${user}:${reversed(Buffer.from(nonce))}`
      if (text !== expected || !usersKnown.includes(user)) return refused()
      return { at: 'done', identity: { user }, data: Buffer.from('welcome') }
    },
  }
}

function slow(): AuthenticationExchange {
  return {
    next: data => new Promise(resolve => setTimeout(() => resolve(nameStep(data)), SLOW_MS)),
  }
}

function long(): AuthenticationExchange {
  let round = 0
  return {
    next: async () => {
      if (round++ < LONG_ROUNDS) return { at: 'challenge', data: Buffer.alloc(LONG_BYTES, round) }
      return { at: 'done', identity: { user: 'nobody' }, data: undefined }
    },
  }
}
