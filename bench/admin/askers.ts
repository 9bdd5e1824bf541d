// Asks the admin API as consoles and scripts do, in a thread of its own, and tells how long each answer took.

import { parentPort, workerData } from 'node:worker_threads'
import { LatencyRecorder } from '../generator/latency.ts'
import { waitSeconds } from '../generator/wait.ts'

export interface Asking {
  /** Of the API. */
  readonly base: string
  readonly cookie: string
  /** The first answers, which compile what they run, are left out. */
  readonly warmUpSeconds: number
  readonly seconds: number
  readonly askers: number
  /** Between two questions of one asker. */
  readonly pauseSeconds: number
}

export interface Asked {
  readonly name: string
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly failures: number
}

const questions = {
  'list, by queue': '/sessions?filter=state:offline&sort=-queued&limit=100',
  'list, by client id': '/sessions?filter=id:*77*&sort=id&limit=100&lifeline=24h',
  count: '/sessions:count?filter=queued>=1',
  facets: '/sessions:facets?by=prefix&filter=state:offline',
  'one session': '/sessions/bench-session-77',
  queue: '/sessions/bench-session-77/queue?limit=100',
  diagnosis: '/sessions/bench-session-77/diagnosis',
  overview: '/overview',
  events: '/events?limit=100',
} as const

const { base, cookie, warmUpSeconds, seconds, askers, pauseSeconds } = workerData as Asking
const headers = { cookie, 'sec-fetch-site': 'same-origin' }
const recorders = new Map<string, { latency: LatencyRecorder; count: number; failures: number }>()
const all = { latency: new LatencyRecorder(), count: 0, failures: 0 }
for (const name of Object.keys(questions))
  recorders.set(name, { latency: new LatencyRecorder(), count: 0, failures: 0 })

async function askInTurn(first: number): Promise<void> {
  const entries = Object.entries(questions)
  const beginsAt = performance.now() + warmUpSeconds * 1000
  const endsAt = beginsAt + seconds * 1000
  for (let turn = first; performance.now() < endsAt; turn++) {
    const [name, path] = entries[turn % entries.length] as [string, string]
    const startedAt = performance.now()
    const response = await fetch(base + encodeURI(path), { headers })
    await response.text()
    const took = performance.now() - startedAt
    await waitSeconds(pauseSeconds)
    if (startedAt < beginsAt) continue
    for (const recorder of [recorders.get(name), all]) {
      if (recorder === undefined) continue
      recorder.latency.record(took)
      recorder.count++
      if (!response.ok) recorder.failures++
    }
  }
}

await Promise.all(Array.from({ length: askers }, (_, index) => askInTurn(index * 2)))
const told: Asked[] = [...recorders, ['all', all] as const].map(([name, { latency, count, failures }]) => {
  const { p50, p99 } = latency.percentiles() ?? { p50: 0, p99: 0 }
  return { name, count, p50, p99, failures }
})
parentPort?.postMessage(told)
