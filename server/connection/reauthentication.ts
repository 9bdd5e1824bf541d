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
  send(packet: Auth): void
  end(fault: Fault): void
}

/** AUTH packets after CONNACK; other packets go on while an exchange is under way. */
export class Reauthentication {
  readonly #given: ReauthenticationGiven
  #exchange: AuthenticationExchange | undefined = undefined

  constructor(given: ReauthenticationGiven) {
    this.#given = given
  }

  onAuth(packet: Auth): void {
    const problem = this.#problem(packet)
    if (problem !== undefined) {
      this.#given.end(problem)
      return
    }
    if (packet.code === reasonCodes['re-authenticate']) {
      this.#exchange = this.#given.methods.get(this.#given.method ?? '')?.(this.#given.remote)
    }
    if (this.#exchange !== undefined) void this.#next(this.#exchange, packet.properties.authenticationData)
  }

  #problem(packet: Auth): Fault | undefined {
    const { method } = this.#given
    if (method === undefined)
      return fault('protocol-error', 'AUTH without an authentication method in CONNECT')
    if (packet.properties.authenticationMethod !== method) {
      return fault('protocol-error', 'AUTH names another authentication method than CONNECT')
    }
    const continues = packet.code === reasonCodes['continue-authentication']
    if (continues !== (this.#exchange !== undefined)) {
      return fault(
        'protocol-error',
        continues ? 'AUTH continues nothing' : 'AUTH begins anew before it has ended',
      )
    }
    return undefined
  }

  async #next(exchange: AuthenticationExchange, data: Uint8Array | undefined): Promise<void> {
    const step = await exchange.next(data)
    if (isFault(step)) {
      this.#given.end(step)
      return
    }
    const done = step.at === 'done'
    if (done && step.identity.user !== this.#given.identity.user) {
      this.#given.end(fault('not-authorized', 'the client proved to be another user'))
      return
    }
    if (done) this.#exchange = undefined
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
