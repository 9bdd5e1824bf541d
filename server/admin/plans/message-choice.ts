// Chooses messages that wait in a session's queue: by what the queue knows of them, or by their bodies where it must be.

import type { MessageFilter } from '../../../shared/plan.ts'
import type { Millis } from '../../clock.ts'
import type { Message } from '../../protocol/message.ts'
import { compileGlob } from '../../read-model/table/glob.ts'
import type { Session } from '../../session/session.ts'
import type { Owed } from '../../store/store.ts'
import type { Slices } from '../slices.ts'
import { formatRanges } from './ranges.ts'

const MESSAGES_PER_READ = 200

export interface Chosen {
  /** Of these so many were looked at. */
  readonly seen: number
  readonly messages: number
  readonly bytes: number
  /** Their numbers in the queue. */
  readonly ranges: string
}

export async function chooseMessages(
  session: Session,
  filter: MessageFilter,
  given: { readonly messagesMax: number; readonly now: Millis; readonly slices: Slices },
): Promise<Chosen | 'too-many'> {
  const { store, lease } = session
  const needsBody = bodyTest(filter, given.now)
  const seqs: number[] = []
  let seen = 0
  let bytes = 0
  let after = 0
  for (;;) {
    const page = store.browse(lease.queue, after, MESSAGES_PER_READ)
    if (page.length === 0) break
    after = page.at(-1)!.seq
    seen += page.length
    if (seen > given.messagesMax) return 'too-many'
    const candidates = page.filter(owed => owed.at === 'waiting' && fits(owed, filter))
    const chosen =
      needsBody === undefined ? candidates : await given.slices.until(byBody(session, candidates, needsBody))
    for (const { seq, size } of chosen) {
      seqs.push(seq)
      bytes += size
    }
    if (given.slices.isOverNow()) await given.slices.next()
  }
  return { seen, messages: seqs.length, bytes, ranges: formatRanges(seqs) }
}

function fits({ qos, size }: Owed, filter: MessageFilter): boolean {
  return (
    (filter.qos === undefined || qos === filter.qos) &&
    (filter.bytesMin === undefined || size >= filter.bytesMin) &&
    (filter.bytesMax === undefined || size <= filter.bytesMax)
  )
}

async function byBody(
  session: Session,
  candidates: readonly Owed[],
  test: (message: Message) => boolean,
): Promise<readonly Owed[]> {
  if (candidates.length === 0) return []
  const bodies = await session.store.read(
    session.lease.queue,
    candidates.map(({ seq }) => seq),
  )
  return candidates.filter(({ seq }) => {
    const message = bodies.get(seq)
    return message !== undefined && test(message)
  })
}

/** Undefined when no condition is about what only the body knows. */
function bodyTest(filter: MessageFilter, now: Millis): ((message: Message) => boolean) | undefined {
  const { topic, publisher, olderThanSeconds } = filter
  if (topic === undefined && publisher === undefined && olderThanSeconds === undefined) return undefined
  const topicFits = topic === undefined ? () => true : compileGlob(topic)
  const publisherFits = publisher === undefined ? () => true : compileGlob(publisher)
  const latest = olderThanSeconds === undefined ? Number.POSITIVE_INFINITY : now - olderThanSeconds * 1000
  return message =>
    message.receivedAt <= latest && topicFits(message.topic.name) && publisherFits(message.publisher)
}
