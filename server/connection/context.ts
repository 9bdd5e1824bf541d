// What every connection is given: the broker, the clock, and what the server was configured with.

import type { Authenticate, AuthenticationMethods } from '../access/authenticate.ts'
import type { Broker } from '../broker/broker.ts'
import type { Clock } from '../clock.ts'
import type { Settings } from '../config/schema.ts'
import type { Log } from '../log.ts'
import type { DecodeLimits } from '../protocol/decoder.ts'
import type { Turn } from './turn.ts'

export interface ConnectionContext {
  readonly broker: Broker
  readonly settings: Settings
  readonly clock: Clock
  readonly turn: Turn
  readonly log: Log
  readonly authenticate: Authenticate
  readonly authenticationMethods: AuthenticationMethods
  readonly decodeLimits: DecodeLimits
}
