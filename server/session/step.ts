// What a packet makes happen, as a value. One performer carries it out in this order: persist, route, send, feed, close.

import type { Fault } from '../protocol/fault.ts'
import type { Message } from '../protocol/message.ts'
import type { PacketId, ServerPacket } from '../protocol/packet.ts'
import type { Entry, SessionChange } from '../store/store.ts'
import type { Ticket } from '../store/ticket.ts'
import type { RetainedFeed } from './attachment.ts'

export type Change =
  | { readonly change: 'keep'; readonly packetId: PacketId }
  | { readonly change: 'forget'; readonly packetId: PacketId }
  | { readonly change: 'release'; readonly entry: Entry }
  | { readonly change: 'finish'; readonly entry: Entry }
  | { readonly change: 'session'; readonly to: SessionChange }

/** `send` leaves when the store says that `persist` and `route` are safe, and after every earlier answer. */
export interface Step {
  /** Something staged earlier that `send` waits for as well. */
  readonly after?: Ticket
  readonly persist?: Change
  readonly route?: Message
  readonly send?: ServerPacket
  /** Retained messages that follow what is sent. */
  readonly feed?: readonly RetainedFeed[]
  readonly close?: Fault
}

export const NOTHING: Step = {}
