// GET /events/stream: what changes, as it changes.

import Type from 'typebox'
import { type LiveTopic, liveTopics } from '../../../shared/live-events.ts'
import { after, type Millis, stopwatch } from '../../clock.ts'
import { LIVE_STREAMS_MAX, LIVE_STREAMS_PER_ACTOR_MAX } from '../../limits.ts'
import type { Actor } from '../auth/actor.ts'
import type { LiveHub } from '../live/live-hub.ts'
import { LiveStream } from '../live/live-stream.ts'
import { SseWriter } from '../live/sse-writer.ts'
import { readFilter } from '../sessions/scope.ts'
import type { ApiContext } from './context.ts'
import { invalid } from './invalid.ts'
import { problem } from './problem.ts'
import { type ApiRoute, defineRoute, media } from './route.ts'

/** How long a stream that was closed may take to be gone. */
const CLOSING_MS: Millis = 500

const query = Type.Object(
  {
    topics: Type.Optional(
      Type.String({
        maxLength: 200,
        description: `Some of ${liveTopics.join(', ')}, with commas; all if left out.`,
      }),
    ),
    filter: Type.Optional(
      Type.String({
        maxLength: 2_000,
        description: 'Which sessions `sessions.delta` tells of; all if left out.',
      }),
    ),
    since: Type.Optional(
      Type.String({
        maxLength: 100,
        description:
          'The `asOf` of a list: what has changed since is told first. Last-Event-ID goes before it.',
      }),
    ),
  },
  { additionalProperties: false },
)

const example = `retry: 2000

event: hello
id: 01M7Z0K3VQ-4411.17
data: {"asOf":"01M7Z0K3VQ-4411","topics":["events"]}

event: event
id: 01M7Z0K3VQ-4411.18
data: {"kind":"disconnect","at":"2026-11-26T12:00:00.000Z","clientId":"web-1","generation":"01M7","actor":null,"data":{"cause":"keep-alive"}}
`

export function liveRoutes({ live, access }: ApiContext): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'GET',
      url: '/events/stream',
      summary: 'Changes as they happen, as server-sent events.',
      description:
        'The first event is `hello`. Whoever comes back with Last-Event-ID gets what it missed, or `reset` with the topics to fetch anew. At most four times a second a session that has changed is told as it is now; a reader that does not keep up gets `behind`, then `reset`. The shapes stand in shared/live-events.ts.',
      tag: 'Live',
      role: 'viewer',
      limitedKeys: 'filtered',
      query,
      response: { 200: media('text/event-stream') },
      example: { 200: example },
      problems: ['limit-exceeded'],
      handle: async (request, reply) => {
        const { query, actor, http } = request
        const topics = topicsOf(query.topics)
        const filter = readFilter(query.filter ?? '')
        await untilClosed(live, actor)
        const full = whyFull(live, actor)
        if (full !== undefined) throw problem('limit-exceeded', { detail: full })
        // Its end would not be heard of any more.
        if (reply.raw.destroyed) return reply.hijack()
        const since = http.headers['last-event-id'] ?? query.since
        for (const [name, value] of Object.entries(reply.getHeaders()))
          if (value !== undefined) reply.raw.setHeader(name, value)
        reply.hijack()
        const writer = new SseWriter(reply.raw, {
          drained: () => stream.flush(),
          closed: () => live.remove(stream),
        })
        const standing = access.standingOf(actor)
        const stream = new LiveStream({ hub: live, writer, actor, standing, topics, filter })
        live.add(stream)
        stream.begin(typeof since === 'string' ? since : undefined)
        return reply
      },
    }),
  ]
}

function topicsOf(text: string | undefined): ReadonlySet<LiveTopic> {
  if (text === undefined || text === '') return new Set(liveTopics)
  const names = text.split(',').map(name => name.trim())
  const unknown = names.find(name => !liveTopics.some(known => known === name))
  if (unknown !== undefined)
    throw invalid('/query/topics', `has "${unknown}"; there are ${liveTopics.join(', ')}`)
  return new Set(names as LiveTopic[])
}

/** A tab that listens to something else closes its stream and opens another one, which may be seen in the other order. */
async function untilClosed(live: LiveHub, actor: Actor): Promise<void> {
  const elapsed = stopwatch()
  while (whyFull(live, actor) !== undefined && elapsed() < CLOSING_MS)
    await new Promise<void>(resolve => after(CLOSING_MS / 10, resolve))
}

/** A forgotten tab costs little, and a loop that opens streams must not cost the others theirs. */
function whyFull(live: LiveHub, actor: Actor): string | undefined {
  const streams = [...live.streams]
  const own = streams.filter(stream => stream.actor.key === actor.key).length
  if (own >= LIVE_STREAMS_PER_ACTOR_MAX) return `You have ${own} streams open already: close one of them.`
  return streams.length < LIVE_STREAMS_MAX ? undefined : `There are ${streams.length} streams open already.`
}
