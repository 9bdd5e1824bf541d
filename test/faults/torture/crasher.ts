// Crashes the broker as told, and has it start again.

import { setTimeout as sleep } from 'node:timers/promises'
import type { SeededRandom } from '../../fuzz/seeded-random.ts'
import type { BrokerProcess } from './broker-process.ts'
import type { PowerCut } from './power-cut/power-cut.ts'

export type Crash = 'kill' | 'kill-at-start' | 'cut'

export interface CrashFigures {
  kills: number
  /** Of them, those that hit the broker while it started. */
  killsAtStart: number
  cuts: number
  /** Cuts that left random sectors of what was not synced. */
  tornCuts: number
  /** What was written and not synced before the cuts, in bytes. */
  bytesCut: number
  /** Times the broker ended by itself. */
  deaths: number
  restartMsMax: number
}

/** How much of what was not synced is on the disk all the same: mostly nothing, else some sectors or most. */
const tornPercents = [0, 0, 0, 20, 50, 90]

export class Crasher {
  readonly #broker: BrokerProcess
  readonly #powerCut: PowerCut | undefined
  readonly #random: SeededRandom
  readonly figures: CrashFigures = {
    kills: 0,
    killsAtStart: 0,
    cuts: 0,
    tornCuts: 0,
    bytesCut: 0,
    deaths: 0,
    restartMsMax: 0,
  }

  constructor(broker: BrokerProcess, powerCut: PowerCut | undefined, random: SeededRandom) {
    this.#broker = broker
    this.#powerCut = powerCut
    this.#random = random
  }

  async crash(crash: Crash): Promise<void> {
    if (crash === 'cut') await this.#cut()
    else await this.#kill(crash)
    this.#powerCut?.tidy()
    const startedAt = performance.now()
    await this.#broker.start()
    this.figures.restartMsMax = Math.max(this.figures.restartMsMax, Math.round(performance.now() - startedAt))
    this.figures.deaths = this.#broker.deaths
  }

  async #kill(crash: Crash): Promise<void> {
    await this.#broker.kill()
    this.figures.kills++
    if (crash !== 'kill-at-start') return
    this.#powerCut?.tidy()
    this.#broker.launch()
    await sleep(50 + this.#random.below(500))
    await this.#broker.kill()
    this.figures.killsAtStart++
  }

  async #cut(): Promise<void> {
    if (this.#powerCut === undefined) throw new Error('nobody has prepared for power cuts')
    await this.#broker.kill()
    const { bytesLost, tornPercent } = this.#powerCut.cut(this.#random, this.#random.pick(tornPercents))
    this.figures.cuts++
    if (tornPercent > 0) this.figures.tornCuts++
    this.figures.bytesCut += bytesLost
  }
}
