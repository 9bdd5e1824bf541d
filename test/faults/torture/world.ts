// What all torture clients share: the port, chance, what phase the run is in, and what they count.

import { setTimeout as sleep } from 'node:timers/promises'
import type { SeededRandom } from '../../fuzz/seeded-random.ts'
import type { Ledger } from './ledger.ts'

export interface StateFigures {
  /** The broker did not know a session whose making it had confirmed. */
  sessionsLost: number
  /** A session was there whose end had been confirmed. */
  sessionsBack: number
  subscriptionsLost: number
  /** A subscription was there whose end had been confirmed. */
  subscriptionsBack: number
  /** Retained messages that were missing or older than what was acknowledged. */
  retainedLost: number
  willsLost: number
  /** Checked, to show that the checks took place. */
  sessionsChecked: number
  subscriptionsChecked: number
  retainedChecked: number
  willsChecked: number
}

export class World {
  readonly port: number
  readonly random: SeededRandom
  readonly ledger: Ledger
  /** running: they publish, come and go; draining: all are there and finish; over: nobody connects again. */
  phase: 'running' | 'draining' | 'over' = 'running'
  readonly state: StateFigures = {
    sessionsLost: 0,
    sessionsBack: 0,
    subscriptionsLost: 0,
    subscriptionsBack: 0,
    retainedLost: 0,
    willsLost: 0,
    sessionsChecked: 0,
    subscriptionsChecked: 0,
    retainedChecked: 0,
    willsChecked: 0,
  }

  constructor(port: number, random: SeededRandom, ledger: Ledger) {
    this.port = port
    this.random = random
    this.ledger = ledger
  }

  /** Milliseconds from `from` to `to`. */
  between(from: number, to: number): number {
    return from + this.random.below(to - from)
  }

  async pause(from: number, to: number): Promise<void> {
    await sleep(this.between(from, to))
  }
}
