// A connection takes its session: resumed, created, or taken over from another connection.

import type { ConnectionFacts } from '../events/connection-facts.ts'
import { type Fault, fault, isFault } from '../protocol/fault.ts'
import type { Connect } from '../protocol/packet.ts'
import { Attachment, type Outlet } from '../session/attachment.ts'
import { type ExpiryTerms, expiryTerms, queueLimits } from '../session/policy.ts'
import { Session } from '../session/session.ts'
import type { Attached, SessionRecord, Store, StoredWill } from '../store/store.ts'
import { bothSafe, type Ticket } from '../store/ticket.ts'
import { detach, endSession, persistDeadlines, scheduleSession } from './departure.ts'
import { refuseHeld } from './operations/hold.ts'
import type { BrokerParts } from './parts.ts'
import { keepWill, publishDueWill } from './will.ts'

export interface AttachRequest {
  readonly connect: Connect
  /** The client's own, or the one assigned to it. */
  readonly clientId: string
  /** The user that was authenticated; empty for an anonymous client. */
  readonly owner: string
  readonly outlet: Outlet
  /** QoS 1 and 2 messages that may be on their way to the client at a time. */
  readonly sendQuota: number
  readonly connection: ConnectionFacts
  /** True once the client has gone, so that its session does not stay attached to a dead connection. */
  hasEnded(): boolean
  /** Called before anybody else gets the session, so that whom it is then taken from has had its CONNACK. */
  attached(result: AttachResult): void
}

export interface AttachResult {
  readonly attachment: Attachment
  readonly sessionPresent: boolean
}

/**
 * Runs after the client was authenticated, one at a time for each client id; resolves with why it failed. Faults: 'not-authorized' when the
 * session belongs to another user, whom nothing happens to; 'quota-exceeded' when the broker holds as many
 * sessions as it may; 'store-unavailable' when the store cannot keep it.
 */
export function attach(parts: BrokerParts, request: AttachRequest): Promise<Fault | undefined> {
  return parts.registry.inTurn(request.clientId, async () => {
    const result = await attachInTurn(parts, request)
    if (isFault(result)) return result
    request.attached(result)
    return undefined
  })
}

async function attachInTurn(parts: BrokerParts, request: AttachRequest): Promise<AttachResult | Fault> {
  const { connect, clientId } = request
  const refused = refuse(parts, request)
  if (refused !== undefined) return refused
  const will = connect.will === undefined ? undefined : keepWill(parts, clientId, connect.will)
  if (will !== undefined && isFault(will)) return will
  takeOver(parts, request)
  const existing = parts.registry.get(clientId)
  if (existing !== undefined) publishDueWill(parts, existing)
  const formerEnd = endFormer(parts, existing, request)
  const resumed = existing?.ended === false ? existing : undefined
  // While the store works, its old deadlines must neither end it nor publish its will.
  const deadlines = { expiresAt: resumed?.expiresAt, willDueAt: resumed?.willDueAt }
  if (resumed !== undefined) Object.assign(resumed, { expiresAt: undefined, willDueAt: undefined })
  const terms = expiryTerms(connect, parts.settings, resumed)
  const store = resumed?.store ?? (terms.expirySeconds > 0 ? parts.durable : parts.volatile)
  // Others come while the store works, and must not take the last place a second time.
  const expected = resumed === undefined ? 1 : 0
  parts.registry.expected += expected
  const attached = await attachInStore(parts, request, store, resumed, terms, will)
  // A client that is told of a new session must not find the former one after a crash, wherever the new one is kept.
  const outcome = await bothSafe(formerEnd, attached.ticket).outcome()
  parts.registry.expected -= expected
  if (resumed?.ended === true) return fault('administrative-action', 'the session was ended meanwhile')
  if (outcome !== 'safe') {
    if (resumed === undefined) store.end(attached.lease.queue, 'session-ended')
    else leaveAsItWas(parts, resumed, attached, deadlines)
    return fault('store-unavailable', outcome.detail)
  }
  const session = resumed ?? createSession(parts, attached, store)
  session.lease = attached.lease
  const attachment = open(parts, request, session, resumed !== undefined, attached.record)
  return { attachment, sessionPresent: resumed !== undefined }
}

/** Ends the session that the client does not go on with; safe when neither it nor an earlier one can come back. */
function endFormer(parts: BrokerParts, existing: Session | undefined, request: AttachRequest): Ticket {
  if (existing !== undefined && hasExpired(parts, existing)) return endSession(parts, existing, 'expired')
  if (existing !== undefined && request.connect.cleanStart) return endSession(parts, existing, 'cleaned')
  return parts.registry.leaving(request.clientId)
}

/** Its timer fires up to a tenth of a second late, and after a start its client may be faster than that. */
function hasExpired(parts: BrokerParts, session: Session): boolean {
  return session.expiresAt !== undefined && session.expiresAt <= parts.clock.now()
}

/** The store could not write that the client is here: the session stays as it was, offline. */
function leaveAsItWas(
  parts: BrokerParts,
  session: Session,
  attached: Attached,
  deadlines: Pick<Session, 'expiresAt' | 'willDueAt'>,
): void {
  session.lease = attached.lease
  Object.assign(session, deadlines)
  persistDeadlines(session)
  scheduleSession(parts, session)
}

function refuse(parts: BrokerParts, request: AttachRequest): Fault | undefined {
  const existing = parts.registry.get(request.clientId)
  if (existing !== undefined && existing.owner !== request.owner)
    return fault('not-authorized', 'the session of this client identifier belongs to another user')
  const held = refuseHeld(parts, request.clientId)
  if (held !== undefined) return held
  if (existing === undefined) {
    const { count, expected } = parts.registry
    const full = count + expected >= parts.settings.sessionsMax
    return full ? fault('quota-exceeded', 'the broker holds as many sessions as it may') : undefined
  }
  return undefined
}

/** The older connection hears why and is closed [MQTT5-3.1.4-3, MQTT3-3.1.4-2]; its epoch fences out the rest. */
function takeOver(parts: BrokerParts, request: AttachRequest): void {
  const former = parts.registry.get(request.clientId)?.attachment
  if (former === undefined) return
  const { session } = former
  const detail = `another connection with this client identifier came from ${request.connection.description}`
  parts.emit({
    kind: 'taken-over',
    at: parts.clock.now(),
    clientId: request.clientId,
    generation: session.generation,
    from: session.connection ?? request.connection,
    since: session.connectedAt,
    by: request.connection,
  })
  detach(parts, former, { cause: 'taken-over', detail, will: 'publish' })
  former.outlet.end(fault('session-taken-over', detail))
}

function attachInStore(
  parts: BrokerParts,
  request: AttachRequest,
  store: Store,
  resumed: Session | undefined,
  terms: ExpiryTerms,
  will: StoredWill | undefined,
): Promise<Attached> {
  return store.attach({
    clientId: request.clientId,
    owner: request.owner,
    now: parts.clock.now(),
    existing: resumed === undefined ? 'replace' : 'resume',
    limits: queueLimits(parts.settings),
    version: (resumed?.version ?? 0) + 1,
    connection: request.connection,
    ...terms,
    will,
  })
}

function createSession(parts: BrokerParts, attached: Attached, store: Store): Session {
  const session = new Session(attached.record, attached.lease, store)
  parts.registry.add(session)
  parts.emit({
    kind: 'session-created',
    at: parts.clock.now(),
    clientId: session.clientId,
    generation: session.generation,
    persistent: store === parts.durable,
  })
  return session
}

function open(
  parts: BrokerParts,
  request: AttachRequest,
  session: Session,
  sessionPresent: boolean,
  record: SessionRecord,
): Attachment {
  const { version, expirySeconds, expirySource, expiryPinned, will } = record
  const { connection } = request
  const at = parts.clock.now()
  const granted = { version, connection, expirySeconds, expirySource, expiryPinned, will }
  Object.assign(session, granted, { expiresAt: undefined, willDueAt: undefined, connectedAt: at })
  const attachment = new Attachment(session, request.outlet, request.sendQuota)
  session.attachment = attachment
  parts.registry.connected++
  scheduleSession(parts, session)
  parts.touch(session)
  const { clientId, generation } = session
  const redelivering = session.sending?.size ?? 0
  const how = { connection, sessionPresent, redelivering, expirySeconds }
  parts.emit({ kind: 'connected', at, clientId, generation, ...how })
  if (request.hasEnded()) {
    detach(parts, attachment, {
      cause: 'socket',
      detail: 'it ended while it was connecting',
      will: 'publish',
    })
  }
  return attachment
}
