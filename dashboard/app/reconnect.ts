// Whether a client that was disconnected came back, how soon, and to what: clients that reconnect by themselves do.

import type { TimelineEntry } from '../../shared/history.ts'
import type { TimelinePage } from '../../shared/session-history.ts'
import { sessionPath } from './act-requests.ts'
import { get } from './api.ts'

/** After so long it is asked each time; the first waits of Paho JS are 1, 2, 4 and 8 s. */
const ASK_AFTER_MS = [700, 800, 1_000, 1_500, 2_000, 3_000, 4_000] as const

export interface Reconnect {
  readonly afterMs: number
  readonly sessionPresent: boolean
}

/** `endedAt` is when its connection ended, by the broker's clock. Undefined: it did not come back while we looked. */
export async function reconnectOf(clientId: string, endedAt: number): Promise<Reconnect | undefined> {
  for (const wait of ASK_AFTER_MS) {
    await new Promise(resolve => setTimeout(resolve, wait))
    const { data } = await get<TimelinePage>(sessionPath(clientId, '/events'), { kind: 'connect', limit: 1 })
    const found = data[0] === undefined ? undefined : reconnectIn(data[0], endedAt)
    if (found !== undefined) return found
  }
  return undefined
}

function reconnectIn({ at, data }: TimelineEntry, endedAt: number): Reconnect | undefined {
  const afterMs = Date.parse(at) - endedAt
  return afterMs < 0 ? undefined : { afterMs, sessionPresent: data['sessionPresent'] === true }
}

/** `It reconnected after 1.1 s, session present.` */
export function reconnectInWords({ afterMs, sessionPresent }: Reconnect): string {
  return `It reconnected after ${(afterMs / 1000).toFixed(1)}\u00a0s, ${sessionPresent ? 'session present' : 'with a new session'}.`
}
