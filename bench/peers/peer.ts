// The shape of a broker that can be benchmarked: found or not, then started anew for each load.
import type { ChildProcess } from 'node:child_process'
import type { Load } from '../generator/load.ts'
import type { Target } from '../generator/target.ts'

/** What the load is about; a peer that can be tuned for it is. */
export type Needs = Pick<Load, 'favours' | 'store'>

export type Found = { at: 'found'; version: string; start(needs: Needs): Promise<RunningBroker> }
export type Missing = { at: 'missing'; why: string }

export type RunningBroker = {
  target: Target
  child: ChildProcess
  /** The command line, for a report. */
  command: string
}

/** Limits that every broker of a run is given, so that none of them drops what the closed loops send. */
export const peerLimits = {
  /** QoS 1 messages on their way to one client without acknowledgement. */
  messagesInFlight: 1000,
  queueMessages: 2_000_000,
  queueBytes: 2_000_000_000,
  connectionsPerAddress: 100_000,
  /** Unsent bytes of one connection; the widest credit window, of 6,400 messages to one receiver, is half a MiB. */
  outputBytes: 16 * 1024 * 1024,
} as const
