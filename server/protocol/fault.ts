// What a peer did wrong or what we must refuse, as a value: one table maps each fault to its MQTT 5 reason
// code and to the CONNACK return code that a 3.x client gets instead.

import type { ConnectReturnName, ReasonName } from '../../shared/reason-codes.ts'

interface Ending {
  /** The MQTT 5 reason code that leaves in CONNACK (before CONNECT is accepted) or DISCONNECT (after). */
  readonly reason: ReasonName
  /** The 3.x CONNACK return code; undefined closes the network connection without a CONNACK. */
  readonly returnCode?: ConnectReturnName
}

export const faults = {
  // What a peer must not do.
  'malformed-packet': { reason: 'malformed-packet' },
  'protocol-error': { reason: 'protocol-error' },
  'unsupported-protocol-version': {
    reason: 'unsupported-protocol-version',
    returnCode: 'unacceptable-protocol-version',
  },
  'client-identifier-not-valid': { reason: 'client-identifier-not-valid', returnCode: 'identifier-rejected' },
  'packet-too-large': { reason: 'packet-too-large' },
  'topic-name-invalid': { reason: 'topic-name-invalid' },
  'topic-filter-invalid': { reason: 'topic-filter-invalid' },
  'topic-alias-invalid': { reason: 'topic-alias-invalid' },
  'receive-maximum-exceeded': { reason: 'receive-maximum-exceeded' },
  'payload-format-invalid': { reason: 'payload-format-invalid' },
  'bad-authentication-method': { reason: 'bad-authentication-method' },
  'keep-alive-timeout': { reason: 'keep-alive-timeout' },
  'connect-timeout': { reason: 'maximum-connect-time' },
  'slow-consumer': { reason: 'quota-exceeded' },
  // What we refuse.
  'bad-user-name-or-password': {
    reason: 'bad-user-name-or-password',
    returnCode: 'bad-user-name-or-password',
  },
  'not-authorized': { reason: 'not-authorized', returnCode: 'not-authorized' },
  'session-taken-over': { reason: 'session-taken-over' },
  'administrative-action': { reason: 'administrative-action', returnCode: 'not-authorized' },
  'server-shutting-down': { reason: 'server-shutting-down', returnCode: 'server-unavailable' },
  'server-busy': { reason: 'server-busy', returnCode: 'server-unavailable' },
  'server-unavailable': { reason: 'server-unavailable', returnCode: 'server-unavailable' },
  'client-held': { reason: 'server-unavailable', returnCode: 'server-unavailable' },
  'quota-exceeded': { reason: 'quota-exceeded', returnCode: 'server-unavailable' },
  'store-unavailable': { reason: 'quota-exceeded', returnCode: 'server-unavailable' },
  'retain-limit-exceeded': { reason: 'quota-exceeded' },
} as const satisfies Record<string, Ending>

export type FaultName = keyof typeof faults

/** A reason to end a connection or to refuse a packet; `detail` is one sentence for the peer and the log. */
export interface Fault {
  readonly fault: FaultName
  readonly detail: string
}

export function fault(name: FaultName, detail: string): Fault {
  return { fault: name, detail }
}

export function isFault<T extends object>(value: T | Fault): value is Fault {
  return 'fault' in value
}

export function endingOf(name: FaultName): Ending {
  return faults[name]
}
