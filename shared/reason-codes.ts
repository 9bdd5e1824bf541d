// The reason codes of MQTT 5.0 section 2.4 by name, and the CONNACK return codes of MQTT 3.1.1 table 3.1.

export const reasonCodes = {
  success: 0x00,
  'granted-qos-0': 0x00,
  'granted-qos-1': 0x01,
  'granted-qos-2': 0x02,
  'disconnect-with-will': 0x04,
  'no-matching-subscribers': 0x10,
  'no-subscription-existed': 0x11,
  'continue-authentication': 0x18,
  're-authenticate': 0x19,
  'unspecified-error': 0x80,
  'malformed-packet': 0x81,
  'protocol-error': 0x82,
  'implementation-specific-error': 0x83,
  'unsupported-protocol-version': 0x84,
  'client-identifier-not-valid': 0x85,
  'bad-user-name-or-password': 0x86,
  'not-authorized': 0x87,
  'server-unavailable': 0x88,
  'server-busy': 0x89,
  banned: 0x8a,
  'server-shutting-down': 0x8b,
  'bad-authentication-method': 0x8c,
  'keep-alive-timeout': 0x8d,
  'session-taken-over': 0x8e,
  'topic-filter-invalid': 0x8f,
  'topic-name-invalid': 0x90,
  'packet-identifier-in-use': 0x91,
  'packet-identifier-not-found': 0x92,
  'receive-maximum-exceeded': 0x93,
  'topic-alias-invalid': 0x94,
  'packet-too-large': 0x95,
  'message-rate-too-high': 0x96,
  'quota-exceeded': 0x97,
  'administrative-action': 0x98,
  'payload-format-invalid': 0x99,
  'retain-not-supported': 0x9a,
  'qos-not-supported': 0x9b,
  'use-another-server': 0x9c,
  'server-moved': 0x9d,
  'shared-subscriptions-not-supported': 0x9e,
  'connection-rate-exceeded': 0x9f,
  'maximum-connect-time': 0xa0,
  'subscription-identifiers-not-supported': 0xa1,
  'wildcard-subscriptions-not-supported': 0xa2,
} as const

export type ReasonName = keyof typeof reasonCodes

/** CONNACK return codes of MQTT 3.1 and 3.1.1 (3.1.1 table 3.1). */
export const connectReturnCodes = {
  accepted: 0,
  'unacceptable-protocol-version': 1,
  'identifier-rejected': 2,
  'server-unavailable': 3,
  'bad-user-name-or-password': 4,
  'not-authorized': 5,
} as const

export type ConnectReturnName = keyof typeof connectReturnCodes
