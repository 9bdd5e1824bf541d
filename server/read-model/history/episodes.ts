// What a session has lost, as rows of its timeline: one row for each reason, which grows while it goes on.

import { EPISODE_MS, EPISODE_PAUSE_MS } from './limits.ts'
import { type ClientLosses, isDeliberate, type LossCount } from './losses.ts'
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
  const messages = count.count - count.noted
  const bytes = count.bytes - count.notedBytes
  const { reason, lastAt: at } = count
  const { episode } = count
  const goesOn =
    episode !== undefined &&
    at - episode.happening.at < EPISODE_MS &&
    at - (episode.until ?? episode.happening.at) < EPISODE_PAUSE_MS
  if (goesOn) {
    const before = Number(episode.data['bytes'])
    timeline.grow(episode, messages, at, { cause: reason, bytes: before + bytes })
    return
  }
  const data = { cause: reason, bytes }
  const { generation } = session
  const happening = { kind: 'queue.dropped', at, clientId, generation, actor: undefined, data } as const
  count.episode = timeline.begin(happening, !session.isKept)
  if (messages > 1 && count.episode !== undefined) timeline.grow(count.episode, messages - 1, at, data)
}
