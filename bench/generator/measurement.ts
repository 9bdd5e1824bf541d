// Brackets the measured part of a load: what was done in it, and what it cost the broker and the generator.
import { readCoreBusyMicros, readProcessUsage } from '../process-usage.ts'
import type { Percentiles } from './latency.ts'

/** What one load gave for one broker; times are microseconds and milliseconds as named. */
export type Measurement = {
  count: number
  seconds: number
  ratePerSecond: number
  brokerMicrosEach: number
  generatorMicrosEach: number
  /** Share of one core that each used, 0 to 1 (the broker may use more than one when it is not pinned). */
  brokerBusy: number
  generatorBusy: number
  /** Share of the two cores that something else on this machine used. */
  foreignBusy: number
  latency: Percentiles | null
  residentBytesBefore: number
  residentBytesAfter: number
  notes: string[]
}

export type Cores = { broker: number; generator: number }

type Reading = { at: number; brokerMicros: number; generatorMicros: number; coreMicros: number }

/** Above this share of its core a process counts as saturated. */
const saturatedShare = 0.95
/** Other work on the cores above this share makes a row doubtful. */
const foreignShareMax = 0.1

export class Stopwatch {
  readonly #processId: number
  readonly #cores: Cores | null
  readonly residentBytesBefore: number
  #begin: Reading
  #end: Reading

  /** Created before the first client connects, so that the memory "before" is that of the idle broker. */
  constructor(processId: number, cores: Cores | null) {
    this.#processId = processId
    this.#cores = cores
    this.residentBytesBefore = readProcessUsage(processId).residentBytes
    this.#begin = this.#read()
    this.#end = this.#begin
  }

  begin(): void {
    this.#begin = this.#read()
  }

  end(): void {
    this.#end = this.#read()
  }

  get elapsedSeconds(): number {
    return (performance.now() - this.#begin.at) / 1000
  }

  /** Call while the clients are still connected, as it reads the memory "after". */
  result(count: number, latency: Percentiles | null, notes: string[] = []): Measurement {
    const seconds = (this.#end.at - this.#begin.at) / 1000
    const brokerMicros = this.#end.brokerMicros - this.#begin.brokerMicros
    const generatorMicros = this.#end.generatorMicros - this.#begin.generatorMicros
    const coreMicros = this.#end.coreMicros - this.#begin.coreMicros
    const wallMicros = seconds * 1e6
    const brokerBusy = brokerMicros / wallMicros
    const generatorBusy = generatorMicros / wallMicros
    const foreignBusy = Math.max(0, (coreMicros - brokerMicros - generatorMicros) / wallMicros / 2)
    if (generatorBusy > saturatedShare && brokerBusy < saturatedShare) {
      notes.push('the generator was the bottleneck: the rate is a lower bound')
    }
    if (this.#cores !== null && foreignBusy > foreignShareMax) {
      notes.push(`other work used ${Math.round(foreignBusy * 100)} % of the two cores`)
    }
    return {
      count,
      seconds,
      ratePerSecond: count / seconds,
      brokerMicrosEach: brokerMicros / count,
      generatorMicrosEach: generatorMicros / count,
      brokerBusy,
      generatorBusy,
      foreignBusy,
      latency,
      residentBytesBefore: this.residentBytesBefore,
      residentBytesAfter: readProcessUsage(this.#processId).residentBytes,
      notes,
    }
  }

  #read(): Reading {
    const own = process.cpuUsage()
    const cores = this.#cores
    return {
      at: performance.now(),
      brokerMicros: readProcessUsage(this.#processId).cpuMicros,
      generatorMicros: own.user + own.system,
      coreMicros: cores === null ? 0 : readCoreBusyMicros(cores.broker) + readCoreBusyMicros(cores.generator),
    }
  }
}
