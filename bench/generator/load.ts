// The shape of a load: one question, asked of one broker, answered with one measurement.
import type { Cores, Measurement } from './measurement.ts'
import type { Target } from './target.ts'

export type Run = {
  target: Target
  /** How long the measured part lasts. */
  seconds: number
  warmUpSeconds: number
  /** Number of connections this process and the broker may have open. */
  connectionsMax: number
  /** The cores the two processes are pinned to, or null when they are not. */
  cores: Cores | null
}

export type Load = {
  name: string
  /** What the load asks, as a sentence for people. */
  question: string
  /** What the peers are tuned for: small writes gathered (Nagle's algorithm on) or sent at once. */
  favours: 'throughput' | 'latency'
  /** The store of holdfast where the load is about that one; otherwise the one that the options name. */
  store?: 'embedded'
  /** What one unit of its count is, in the singular. */
  unit: 'message' | 'connection'
  run(run: Run): Promise<Measurement>
}
