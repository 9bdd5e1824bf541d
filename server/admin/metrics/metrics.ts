// All metrics of one broker, in a registry of its own: nothing is counted for them where messages pass.

import { Registry } from 'prom-client'
import type { Broker } from '../../broker/broker.ts'
import type { Admission } from '../../transport/admission.ts'
import type { EventCounts } from './event-counts.ts'
import type { Family } from './family.ts'
import { GarbageCollections } from './garbage-collections.ts'
import { HttpRequests } from './http-requests.ts'
import { LoopDelay } from './loop-delay.ts'
import { ProcessFacts } from './process-facts.ts'
import { QueueCensus } from './queue-census.ts'
import { register } from './register.ts'
import { sessionFamilies, topicFamilies } from './session-families.ts'
import { storeFamilies } from './store-families.ts'
import { connectionFamilies, trafficFamilies } from './traffic-families.ts'

export interface MetricsGiven {
  readonly broker: Broker
  readonly admission: Admission
  readonly version: string
}

/** Metrics under one heading of docs/METRICS.md. */
export interface Section {
  readonly title: string
  readonly families: readonly Family[]
}

export class Metrics {
  readonly http = new HttpRequests()
  readonly sections: readonly Section[]
  readonly #broker: Broker
  readonly #events: EventCounts
  readonly #registry = new Registry()
  readonly #loop = new LoopDelay()
  readonly #collections = new GarbageCollections()
  readonly #process: ProcessFacts
  readonly #census = new QueueCensus()
  #collecting: Promise<string> | undefined = undefined

  /** `events` are older than the broker, and so than this: they are counted from the broker's first moment on. */
  constructor(given: MetricsGiven, events: EventCounts) {
    this.#broker = given.broker
    this.#events = events
    this.#process = new ProcessFacts(given.broker.parts.clock)
    this.sections = this.#sections(given)
    for (const { families } of this.sections) for (const family of families) register(this.#registry, family)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** Begins to watch event loop and garbage collector; returns how to stop. */
  start(): () => void {
    const stops = [this.#loop.start(), this.#collections.start()]
    return () => {
      for (const stop of stops) stop()
    }
  }

  /** Whoever asks while it is being written gets the same text, so that a flood of requests costs one walk over the queues. */
  text(): Promise<string> {
    this.#collecting ??= this.#collect().finally(() => {
      this.#collecting = undefined
    })
    return this.#collecting
  }

  async #collect(): Promise<string> {
    await Promise.all([this.#census.take(this.#broker.parts.registry), this.#process.look()])
    return this.#registry.metrics()
  }

  #sections({ broker, admission, version }: MetricsGiven): readonly Section[] {
    const { parts } = broker
    return [
      { title: 'Broker', families: [buildInfo(version, parts.durable.engine)] },
      { title: 'Traffic', families: trafficFamilies(parts.counters) },
      {
        title: 'Connections',
        families: [...connectionFamilies(admission, parts.settings.connectionsMax)],
      },
      { title: 'Clients and sessions', families: [...sessionFamilies(broker), ...this.#events.families()] },
      { title: 'Queues', families: this.#census.families() },
      { title: 'Topics', families: topicFamilies(broker) },
      { title: 'Store', families: storeFamilies(parts) },
      { title: 'Event loop', families: [...this.#loop.families(), ...this.#collections.families()] },
      { title: 'HTTP', families: this.http.families() },
      { title: 'Process', families: this.#process.families() },
    ]
  }
}

function buildInfo(version: string, store: string): Family {
  return {
    type: 'gauge',
    name: 'holdfast_build_info',
    help: 'Always 1; its labels say what runs.',
    labels: {
      version: 'Version of Holdfast.',
      node: 'Version of Node.js.',
      store: 'Where sessions are kept: `embedded` or `memory`.',
    },
    read: () => [[{ version, node: process.versions.node, store }, 1]],
  }
}
