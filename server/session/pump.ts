// Moves messages from a session's queue to its connection: the only place that does, and a table of pauses.
//
//   paused because   leaves on             then
//   caught-up        'message-enqueued'    fetches from the queue
//   window-full      'acknowledged'        sends what the window now allows
//   socket-full      'drained'             goes on; never polls the socket
//   not-started      start                 replays what is in flight, then the queue

import type { Millis } from '../clock.ts'
import type { Message } from '../protocol/message.ts'
import type { Entry, LossReason } from '../store/store.ts'
import { SAFE } from '../store/ticket.ts'
import type { Attachment, Outgoing, Paused } from './attachment.ts'
import { acknowledgement } from './receive.ts'
import { SendingWindow } from './sending-window.ts'
import type { Session } from './session.ts'

export type Wake = 'message-enqueued' | 'acknowledged' | 'drained'

const wakes: Record<Wake, Paused> = {
  'message-enqueued': 'caught-up',
  acknowledged: 'window-full',
  drained: 'socket-full',
}

export interface PumpContext {
  now(): Millis
  lost(session: Session, message: Message, reason: LossReason): void
  /** Puts the next retained message of the attachment's feeds into its queue or output, if there is one and room. */
  feed(attachment: Attachment): 'fed' | 'no-room' | 'none'
}

/** Begins to send after CONNACK: first what an earlier connection left in flight [MQTT5-4.4.0-1, MQTT3-4.4.0-1]. */
export function start(attachment: Attachment, context: PumpContext): void {
  attachment.replay = [...(attachment.session.sending?.values() ?? [])]
  attachment.paused = 'caught-up'
  pump(attachment, context)
}

export function wake(attachment: Attachment, why: Wake, context: PumpContext): void {
  if (attachment.paused === wakes[why]) pump(attachment, context)
}

function pump(attachment: Attachment, context: PumpContext): void {
  attachment.paused = 'pumping'
  const now = context.now()
  let paused: Paused | undefined
  while (paused === undefined) paused = sendNext(attachment, now, context)
  attachment.paused = paused
}

/** Sends one message; returns why nothing more can be sent for now. */
function sendNext(attachment: Attachment, now: Millis, context: PumpContext): Paused | undefined {
  if (attachment.outlet.isFull) return 'socket-full'
  if (attachment.sendQuota <= 0) {
    releaseRest(attachment, context)
    return 'window-full'
  }
  if (attachment.replayed < attachment.replay.length) {
    resend(attachment, attachment.replay[attachment.replayed++]!, context)
    return undefined
  }
  const { session } = attachment
  const entry = session.store.fetch(session.lease, now)
  if (entry !== undefined) {
    send(attachment, entry, now, context)
    return undefined
  }
  if (attachment.feeds.length === 0) return 'caught-up'
  const fed = context.feed(attachment)
  if (fed === 'fed') return undefined
  // What is in flight fills the queue: an acknowledgement makes room. What waits is being read: it will be heard of.
  return fed === 'no-room' && session.lease.queue.waiting === 0 ? 'window-full' : 'caught-up'
}

function send(attachment: Attachment, entry: Entry, now: Millis, context: PumpContext): void {
  const { session } = attachment
  if (entry.qos === 0) {
    transmit(attachment, entry, outgoing(entry, false), context)
    session.store.acknowledge(session.lease, entry)
    return
  }
  const packetId = session.nextPacketId()
  const ticket = session.store.send(session.lease, entry, packetId, now)
  session.sending ??= new SendingWindow()
  session.sending.add(entry)
  attachment.sendQuota--
  // At QoS 2 a crash must not make us send the same message under another id. What follows keeps its place, at
  // whatever QoS: only order within one is demanded [MQTT5-4.6.0-5], but nobody expects less.
  const { outlet } = attachment
  if (entry.qos === 2 || outlet.holdsPublishes) outlet.publishWhenSafe(entry.qos === 2 ? ticket : SAFE, entry)
  else transmit(attachment, entry, outgoing(entry, false), context)
}

/** An entry may have been acknowledged on this connection before its turn in the replay came. */
function resend(attachment: Attachment, entry: Entry, context: PumpContext): void {
  if (entry.packetId === 0 || attachment.session.sending?.get(entry.packetId) !== entry) return
  // An exchange half done holds its place in the window: its PUBCOMP gives back no more than was taken.
  attachment.sendQuota--
  if (entry.at === 'released') {
    attachment.outlet.send(acknowledgement('pubrel', entry.packetId))
    return
  }
  transmit(attachment, entry, outgoing(entry, true), context)
}

/** A full window holds back PUBLISH only [MQTT5-3.3.4-10]: what is left of the replay owes its PUBRELs now. */
function releaseRest(attachment: Attachment, context: PumpContext): void {
  const rest = attachment.replay.slice(attachment.replayed)
  for (const entry of rest) if (entry.at === 'released') resend(attachment, entry, context)
  attachment.replay = rest.filter(entry => entry.at === 'published')
  attachment.replayed = 0
}

export function outgoing(entry: Entry, dup: boolean): Outgoing {
  return {
    qos: entry.qos,
    retain: entry.retain,
    dup,
    packetId: entry.packetId,
    subscriptionIdentifiers: entry.subscriptionIdentifiers,
  }
}

/** A message above the client's Maximum Packet Size is given up as if it had been delivered [MQTT5-3.1.2-25]. */
function transmit(attachment: Attachment, entry: Entry, form: Outgoing, context: PumpContext): void {
  const outcome = attachment.outlet.publish(entry.message, form)
  if (outcome !== 'sent') giveUp(attachment, entry, outcome, context)
}

/** It will not be sent: its place in the window is free, and its loss is counted. */
export function giveUp(attachment: Attachment, entry: Entry, reason: LossReason, context: PumpContext): void {
  const { session } = attachment
  context.lost(session, entry.message, reason)
  // At QoS 0 it had no place, and is acknowledged by whoever sent it.
  if (entry.packetId === 0) return
  session.sending?.delete(entry.packetId)
  attachment.returnQuota()
  session.store.acknowledge(session.lease, entry)
}
