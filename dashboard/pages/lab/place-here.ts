// A run on the broker that serves this page.

import type { TimelineEntry } from '../../../shared/history.ts'
import type { LabEnd, LabRun } from '../../../shared/lab.ts'
import { apiUrl, ask, get } from '../../app/api.ts'
import type { Place } from './place.ts'

/** Rejects with ApiProblem. */
export async function beginHere(tests: readonly string[]): Promise<Place> {
  const { data: run } = await ask<LabRun>('POST', '/lab/runs', { body: { tests } })
  const path = `/lab/runs/${run.id}`
  return {
    clientId: test => run.clientIdPrefix + test,
    topic: test => run.topicPrefix + test,
    act: test => async act => {
      const answer = await ask<{ readonly sessions: number }>('POST', `${path}/act`, { body: { test, act } })
      return answer.data.sessions
    },
    timeline: async test => {
      const { data } = await get<{ readonly data: readonly TimelineEntry[] }>(`${path}/timeline`, { test })
      return data
    },
    end: async reports => (await ask<LabEnd>('POST', `${path}/end`, { body: { reports } })).data.results,
    // The page is gone before an answer could come.
    leave: () => void fetch(apiUrl(path), { method: 'DELETE', keepalive: true }),
  }
}
