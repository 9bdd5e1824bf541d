// Enhanced authentication: the exchange before CONNACK, and a client that proves itself again later (5.0 section 4.12).

import { reasonCodes } from '../../shared/reason-codes.ts'
import type { AuthenticationExchange, AuthenticationMethods, Identity } from '../access/authenticate.ts'
import { type Fault, fault, isFault } from '../protocol/fault.ts'
import type { Auth, AuthProperties } from '../protocol/packet.ts'
import type { Remote } from '../transport/byte-stream.ts'

export interface ReauthenticationGiven {
  readonly methods: AuthenticationMethods
  readonly remote: Remote
  /** The Authentication Method of CONNECT; undefined when there was none. */
  readonly method: string | undefined
  readonly identity: Identity
  /** A method may answer when its client has gone. */
  hasEnded(): boolean
  send(packet: Auth): void
  end(fault: Fault): void
}

type State =
  | { readonly at: 'idle' }
  /** The method has not answered yet: the client has nothing to say. */
  | { readonly at: 'judging' }
  | { readonly at: 'challenged'; readonly exchange: AuthenticationExchange }

/** AUTH packets after CONNACK; other packets go on while an exchange is under way. */
export class Reauthentication {
  readonly #given: ReauthenticationGiven
  #state: State = { at: 'idle' }

  constructor(given: ReauthenticationGiven) {
    this.#given = given
  }

  onAuth(packet: Auth): void {
    const exchange = this.#exchangeFor(packet)
    if (isFault(exchange)) {
      this.#given.end(exchange)
      return
    }
    this.#state = { at: 'judging' }
    void this.#next(exchange, packet.properties.authenticationData)
  }

  #exchangeFor(packet: Auth): AuthenticationExchange | Fault {
    const { method, methods, remote } = this.#given
    const begin = method === undefined ? undefined : methods.get(method)
    if (begin === undefined)
      return fault('protocol-error', 'AUTH without an authentication method in CONNECT')
    if (packet.properties.authenticationMethod !== method) {
      return fault('protocol-error', 'AUTH names another authentication method than CONNECT')
    }
    const continues = packet.code === reasonCodes['continue-authentication']
    switch (this.#state.at) {
      case 'idle':
        return continues ? fault('protocol-error', 'AUTH continues nothing') : begin(remote)
      case 'judging':
        return fault('protocol-error', 'AUTH came before the one before it was answered')
      case 'challenged':
        return continues
          ? this.#state.exchange
          : fault('protocol-error', 'AUTH begins anew before it has ended')
    }
  }

  async #next(exchange: AuthenticationExchange, data: Uint8Array | undefined): Promise<void> {
    const step = await exchange.next(data)
    if (this.#given.hasEnded()) return
    if (isFault(step)) {
      this.#given.end(step)
      return
    }
    const done = step.at === 'done'
    if (done && step.identity.user !== this.#given.identity.user) {
      this.#given.end(fault('not-authorized', 'the client proved to be another user'))
      return
    }
    this.#state = done ? { at: 'idle' } : { at: 'challenged', exchange }
    const code = done ? reasonCodes.success : reasonCodes['continue-authentication']
    this.#given.send({ type: 'auth', code, properties: authProperties(this.#given.method, step.data) })
  }
}

export function authProperties(method: string | undefined, data: Uint8Array | undefined): AuthProperties {
  return {
    ...(method === undefined ? {} : { authenticationMethod: method }),
    ...(data === undefined ? {} : { authenticationData: data }),
  }
}
