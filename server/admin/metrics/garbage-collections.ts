// How often and how long the garbage collector stopped the process.

import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { Buckets } from './buckets.ts'
import type { Family } from './family.ts'

const boundsSeconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]

const kinds = {
  minor: 'of what was made lately',
  major: 'of everything',
  incremental: 'a step of one of everything',
  weakcb: 'of weak references',
} as const

type Kind = keyof typeof kinds

const kindOfNumber = new Map<unknown, Kind>([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
])

export class GarbageCollections {
  readonly #times: Readonly<Record<Kind, Buckets>> = {
    minor: new Buckets(boundsSeconds),
    major: new Buckets(boundsSeconds),
    incremental: new Buckets(boundsSeconds),
    weakcb: new Buckets(boundsSeconds),
  }

  /** Returns how to stop. */
  start(): () => void {
    const observer = new PerformanceObserver(list => {
      for (const entry of list.getEntries()) {
        const kind = kindOfNumber.get((entry as GcEntry).detail?.kind)
        if (kind !== undefined) this.#times[kind].record(entry.duration / 1000)
      }
    })
    observer.observe({ entryTypes: ['gc'] })
    return () => observer.disconnect()
  }

  families(): readonly Family[] {
    return [
      {
        type: 'histogram',
        name: 'nodejs_gc_duration_seconds',
        help: 'How long garbage collections took.',
        labels: { kind: kinds },
        read: () => Object.entries(this.#times).map(([kind, times]) => times.distribution({ kind })),
      },
    ]
  }
}

interface GcEntry extends PerformanceEntry {
  readonly detail?: { readonly kind?: unknown }
}
