// What a session may ask for and what it gets instead, from the settings.

import type { Settings } from '../config/schema.ts'
import type { ExpirySource } from '../events.ts'
import type { Connect } from '../protocol/packet.ts'
import type { QueueLimits } from '../store/store.ts'

/** 0xFFFFFFFF: the session does not expire [MQTT5-3.1.2-23]. */
const EXPIRY_NEVER = 0xffffffff

/** What 3.x and 5.0 clients call never, and what stands for it on the wire. */
export function expiryOnWire(seconds: number): number {
  return seconds === Number.POSITIVE_INFINITY ? EXPIRY_NEVER : seconds
}

/** How long a session outlives its connection, and who decided it. */
export interface ExpiryTerms {
  readonly expirySeconds: number
  readonly expirySource: ExpirySource
  readonly expiryPinned: boolean
}

/** What an operator has pinned to the session stands; else what the client asks for, within the settings. */
export function expiryTerms(
  connect: Connect,
  settings: Settings,
  session: ExpiryTerms | undefined,
): ExpiryTerms {
  if (session?.expiryPinned === true) {
    const { expirySeconds, expirySource } = session
    return { expirySeconds, expirySource, expiryPinned: true }
  }
  const granted = grantedExpirySeconds(connect, settings)
  const isAsked = connect.protocolVersion === 5 ? granted === askedExpirySeconds(connect) : connect.cleanStart
  return { expirySeconds: granted, expirySource: isAsked ? 'client' : 'policy', expiryPinned: false }
}

/**
 * Seconds a session outlives its connection. 3.x clients cannot ask: clean session off gets the default;
 * 5.0 clients get what they ask for up to the cap.
 */
export function grantedExpirySeconds(connect: Connect, settings: Settings): number {
  const cap = settings.sessionExpiryMaxSeconds ?? Number.POSITIVE_INFINITY
  if (connect.protocolVersion === 5) return Math.min(cap, askedExpirySeconds(connect))
  if (connect.cleanStart) return 0
  return Math.min(cap, settings.sessionExpiryDefaultSeconds ?? Number.POSITIVE_INFINITY)
}

export function askedExpirySeconds(connect: Connect): number {
  return expirySeconds(connect.properties.sessionExpiryIntervalSeconds ?? 0)
}

export function expirySeconds(onWire: number): number {
  return onWire === EXPIRY_NEVER ? Number.POSITIVE_INFINITY : onWire
}

/** 5.0 clients are told through Server Keep Alive; 3.x ones keep what they asked for. 0 means no limit. */
export function grantedKeepAliveSeconds(connect: Connect, settings: Settings): number {
  const asked = connect.keepAliveSeconds
  const cap = settings.keepAliveMaxSeconds
  if (connect.protocolVersion < 5 || cap === undefined) return asked
  return asked === 0 ? cap : Math.min(asked, cap)
}

export function queueLimits(settings: Settings): QueueLimits {
  return {
    messagesMax: settings.queueMessagesMax,
    bytesMax: settings.queueBytesMax,
    overflow: settings.queueOverflow,
  }
}
