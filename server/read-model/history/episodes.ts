// What a session has lost, as rows of its timeline: one row for each reason, which grows while it goes on.

import { EPISODE_MS, EPISODE_PAUSE_MS } from './limits.ts'
import { type ClientLosses, type Episode, isDeliberate, type LossCount } from './losses.ts'
import type { SessionOf } from './session-of.ts'
import type { Timeline } from './timeline.ts'

export function noteLosses(timeline: Timeline, client: ClientLosses, session: SessionOf): void {
  for (const count of client.counts) {
    // That a session ended, and what went with it, has a row of its own.
    if (count.count === count.noted || isDeliberate(count.reason)) continue
    note(timeline, client.clientId, count, session)
    count.noted = count.count
    count.notedBytes = count.bytes
  }
}

function note(timeline: Timeline, clientId: string, count: LossCount, session: SessionOf): void {
  const { reason, lastAt: at, episode } = count
  const messages = count.count - count.noted
  const bytes = count.bytes - count.notedBytes
  const goesOn =
    episode !== undefined && at - episode.since < EPISODE_MS && at - episode.until < EPISODE_PAUSE_MS
  const grown: Omit<Episode, 'id'> = goesOn
    ? { since: episode.since, until: at, count: episode.count + messages, bytes: episode.bytes + bytes }
    : { since: at, until: at, count: messages, bytes }
  const happening = {
    kind: 'queue.dropped',
    at: grown.since,
    clientId,
    generation: session.generation,
    actor: undefined,
    data: { cause: reason, bytes: grown.bytes },
  } as const
  const id = goesOn ? episode.id : timeline.begin(happening, !session.isKept)?.id
  if (id === undefined) return
  count.episode = { id, ...grown }
  if (goesOn || messages > 1) timeline.rewrite(id, happening, grown.count, at, !session.isKept)
}
