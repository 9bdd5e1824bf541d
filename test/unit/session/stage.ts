// A session over the memory engine with an outlet that writes down what would leave for the client.

import type { Fault } from '../../../server/protocol/fault.ts'
import type { Message } from '../../../server/protocol/message.ts'
import type { PacketId, QoS, ServerPacket } from '../../../server/protocol/packet.ts'
import { Attachment, type Outgoing, type Outlet } from '../../../server/session/attachment.ts'
import { outgoing, type PumpContext, start, type Wake, wake } from '../../../server/session/pump.ts'
import { Session } from '../../../server/session/session.ts'
import { MemoryStore } from '../../../server/store/memory/memory-store.ts'
import { NO_LISTENER } from '../../../server/store/no-listener.ts'
import type { Entry, QueueLimits } from '../../../server/store/store.ts'
import type { Ticket } from '../../../server/store/ticket.ts'
import { messageOn } from '../routing/messages.ts'

const LIMITS: QueueLimits = { messagesMax: 100_000, bytesMax: 1e9, overflow: 'drop-oldest' }

/** `payload qos id`, with `dup` and `retain` where they are set, and `pubrel id`: in the order they would leave. */
export class WrittenOutlet implements Outlet {
  readonly protocolVersion = 5
  isFull = false
  holdsPublishes = false
  readonly written: string[] = []
  readonly ended: Fault[] = []
  /** Payloads that count as larger than the client takes. */
  readonly tooLarge = new Set<string>()
  /** What waits for its ticket; `letGo` sends it. */
  readonly held: { readonly ticket: Ticket; readonly entry: Entry }[] = []
  /** Called after each PUBLISH, before the pump goes on. */
  published: (payload: string) => void = () => undefined

  publish(message: Message, form: Outgoing): 'sent' | 'too-large' {
    const payload = message.payload.toString()
    if (this.tooLarge.has(payload)) return 'too-large'
    const marks = `${form.dup ? ' dup' : ''}${form.retain ? ' retain' : ''}`
    this.written.push(`${payload} ${form.qos} ${form.packetId}${marks}`)
    this.published(payload)
    return 'sent'
  }

  /** What is safe already leaves at once, as it does at an open gate. */
  publishWhenSafe(ticket: Ticket, entry: Entry): void {
    if (ticket.isSafe && this.held.length === 0) this.publish(entry.message, outgoing(entry, false))
    else this.held.push({ ticket, entry })
  }

  send(packet: ServerPacket): void {
    this.written.push('packetId' in packet ? `${packet.type} ${packet.packetId}` : packet.type)
  }

  end(problem: Fault): void {
    this.ended.push(problem)
  }

  whenClosed(): Promise<void> {
    return Promise.resolve()
  }

  take(): string[] {
    return this.written.splice(0)
  }
}

export interface Stage {
  readonly store: MemoryStore
  readonly session: Session
  outlet: WrittenOutlet
  attachment: Attachment
  readonly context: PumpContext & { feed: PumpContext['feed'] }
  /** `payload reason` of what the pump gave up. */
  readonly lost: string[]
  now: number
  enqueue(...payloads: readonly string[]): void
  enqueueAt(qos: QoS, ...payloads: readonly string[]): void
  wake(why: Wake): void
  /** The connection is lost and another one takes the session, with a window of its own. */
  reconnect(sendQuota?: number): void
}

export interface StageOptions {
  readonly sendQuota?: number
  readonly store?: MemoryStore
}

/** Attached, and not started yet. */
export async function stage(options: StageOptions = {}): Promise<Stage> {
  const store = options.store ?? new MemoryStore({ bytesMax: 1e9 })
  await store.open({
    ...NO_LISTENER,
    available: () => made.wake('message-enqueued'),
  })
  const { lease, record } = await store.attach({
    clientId: 'client',
    owner: '',
    now: 0,
    existing: 'resume',
    limits: LIMITS,
    version: 1,
    connection: undefined,
    expirySeconds: 60,
    expirySource: 'client',
    expiryPinned: false,
    will: undefined,
  })
  const session = new Session(record, lease, store)
  const made = createStage(store, session, options.sendQuota ?? 10)
  return made
}

function createStage(store: MemoryStore, session: Session, sendQuota: number): Stage {
  const lost: string[] = []
  const outlet = new WrittenOutlet()
  const made: Stage = {
    store,
    session,
    outlet,
    attachment: new Attachment(session, outlet, sendQuota),
    lost,
    now: 0,
    context: {
      now: () => made.now,
      lost: (_session, message, reason) => lost.push(`${message.payload.toString()} ${reason}`),
      feed: () => 'none',
    },
    enqueue: (...payloads) => made.enqueueAt(1, ...payloads),
    enqueueAt: (qos, ...payloads) => {
      const { queue } = session.lease
      const none = { subscriptionIdentifiers: undefined, sharedFilter: undefined }
      for (const payload of payloads) {
        const message = messageOn('t', { payload, qos, retain: false })
        store.append(message, [{ queue, qos: 2, retainAsPublished: false, ...none }], 1)
      }
    },
    wake: why => wake(made.attachment, why, made.context),
    reconnect: (quota = sendQuota) => {
      made.outlet = new WrittenOutlet()
      made.attachment = new Attachment(session, made.outlet, quota)
      session.attachment = made.attachment
      start(made.attachment, made.context)
    },
  }
  session.attachment = made.attachment
  return made
}

/** What the performer of steps would do for an acknowledgement. */
export function finish(made: Stage, packetId: number): void {
  const { session, attachment } = made
  const entry = session.sending?.get(packetId as PacketId)
  if (entry === undefined) return
  session.sending?.delete(packetId as PacketId)
  attachment.returnQuota()
  session.store.acknowledge(session.lease, entry)
  made.wake('acknowledged')
}
