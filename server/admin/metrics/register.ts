// Puts metrics into a registry of prom-client, which writes them down and escapes what needs it.

import { Counter, Gauge, type Histogram, type Registry } from 'prom-client'
import type { Distribution, Distributions, Family, Numbers } from './family.ts'

export function register(registry: Registry, family: Family): void {
  if (family.type === 'histogram') registerDistributions(registry, family)
  else registerNumbers(registry, family)
}

function registerNumbers(registry: Registry, family: Numbers): void {
  const { name, help } = family
  const described = { name, help, labelNames: Object.keys(family.labels ?? {}), registers: [registry] }
  if (family.type === 'gauge') {
    new Gauge({
      ...described,
      collect() {
        this.reset()
        setAll(this, family)
      },
    })
    return
  }
  new Counter({
    ...described,
    collect() {
      // The library only adds; the count is kept elsewhere, and is told as a whole each time.
      this.reset()
      setAll({ set: (labels, value) => this.inc(labels, value), remove: () => this.remove() }, family)
    },
  })
}

interface Settable {
  set(labels: Readonly<Record<string, string>>, value: number): void
  remove(): void
}

function setAll(metric: Settable, family: Numbers): void {
  const read = family.read()
  // One without labels stands at 0 after its reset.
  if (read === undefined) metric.remove()
  else if (typeof read === 'number') metric.set({}, read)
  else for (const [labels, value] of read) metric.set(labels, value)
}

function registerDistributions(registry: Registry, family: Distributions): void {
  const { name, help, type } = family
  const get = async () => ({
    name,
    help,
    type,
    aggregator: 'sum',
    values: [...family.read()].flatMap(linesOf),
  })
  // The library's histogram can only be fed one observation at a time; a registry asks a metric for no more than this.
  registry.registerMetric({ name, help, type, get } as unknown as Histogram)

  function linesOf({ labels, within, sum, count }: Distribution) {
    return [
      ...within.map(({ bound, count: below }) => bucket({ ...labels, le: bound }, below)),
      bucket({ ...labels, le: '+Inf' }, count),
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ]
  }

  function bucket(labels: Readonly<Record<string, string | number>>, value: number) {
    return { metricName: `${name}_bucket`, labels, value }
  }
}
