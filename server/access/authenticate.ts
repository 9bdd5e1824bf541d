// Who a client is: the extension points that decide, and the anonymous access that stands while there are none.

import type { Fault } from '../protocol/fault.ts'
import type { Connect } from '../protocol/packet.ts'
import type { Remote } from '../transport/byte-stream.ts'

/** The user that a session will belong to; empty for an anonymous client. */
export interface Identity {
  readonly user: string
}

/** Decides by what stands in CONNECT: user name, password, address. */
export type Authenticate = (connect: Connect, remote: Remote) => Promise<Identity | Fault>

/** One exchange of AUTH packets (5.0 section 4.12); made anew for each CONNECT and each re-authentication. */
export interface AuthenticationExchange {
  /** The client's data, undefined when it sent none; answers with the next challenge, the identity, or a refusal. */
  next(data: Uint8Array | undefined): Promise<ExchangeStep | Fault>
}

export type ExchangeStep =
  | { readonly at: 'challenge'; readonly data: Uint8Array | undefined }
  | { readonly at: 'done'; readonly identity: Identity; readonly data: Uint8Array | undefined }

/** Methods by the name that clients give as Authentication Method. */
export type AuthenticationMethods = ReadonlyMap<string, (remote: Remote) => AuthenticationExchange>

/**
 * Everybody is let in as nobody: a user name that nothing has verified must not own a session. The settings
 * keep this to loopback unless allow-anonymous says otherwise.
 */
export const authenticateAnonymously: Authenticate = async () => ({ user: '' })
