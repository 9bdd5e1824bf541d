// The page docs/METRICS.md, written from the metrics of a broker that was never started.

import { EventCounts } from '../../server/admin/metrics/event-counts.ts'
import type { Family } from '../../server/admin/metrics/family.ts'
import { Metrics, type Section } from '../../server/admin/metrics/metrics.ts'
import { Broker } from '../../server/broker/broker.ts'
import { SystemClock } from '../../server/clock.ts'
import { loadSettings } from '../../server/config/load.ts'
import { TopicTable } from '../../server/protocol/topic.ts'
import { MemoryStore } from '../../server/store/memory/memory-store.ts'
import { Admission } from '../../server/transport/admission.ts'

export const metricsPagePath = 'docs/METRICS.md'

export function metricsPage(): string {
  return `# Metrics

<!-- Written by \`npm run docs\` from server/admin/metrics/; edit it there, and the text in scripts/pages/metrics-page.ts. -->

\`GET /metrics\` on the HTTP port answers in Prometheus' text format. Who may read it is the setting
[\`metrics\`](SETTINGS.md#metrics):

| | |
|---|---|
| \`admin\` (default) | whoever may log in to the admin API, or has a key for it (a key that is limited to a prefix of client ids does not do) |
| \`open\` | whoever reaches the port: names of clients and topics are in no metric, but how much you do is |
| \`off\` | nobody; nothing is watched either |

The default is the same on a loopback port, for a proxy in front of it makes it as public as any.

- [deploy/prometheus/prometheus.yml](../deploy/prometheus/prometheus.yml): how Prometheus is told to ask, with a key in a file.
- [deploy/prometheus/holdfast-alerts.yml](../deploy/prometheus/holdfast-alerts.yml): alerts, each with what to do about it.
- [deploy/grafana/holdfast.json](../deploy/grafana/holdfast.json): a dashboard (Grafana: Dashboards, New, Import).

Counts are kept where things happen anyway and are read when somebody asks; for a message nothing is done beyond that. Queues
are walked over in slices, each well below a millisecond. Counters begin at 0 with the process.
${sections().map(sectionText).join('')}`
}

function sections(): readonly Section[] {
  const loaded = loadSettings({ argv: [], environment: {}, workingDirectory: '/', readFile: () => '' })
  if (!loaded.ok) throw new Error('the defaults are not valid')
  const { settings } = loaded
  const broker = new Broker({
    settings,
    clock: new SystemClock(),
    emit: () => undefined,
    durable: new MemoryStore({ bytesMax: settings.storeBytesMax }),
    topics: new TopicTable(settings),
  })
  return new Metrics({ broker, admission: new Admission(settings), version: '' }, new EventCounts()).sections
}

function sectionText({ title, families }: Section): string {
  return `
## ${title}

| Metric | Type | What it says |
|---|---|---|
${families.map(row).join('')}`
}

function row({ name, type, help, labels = {} }: Family): string {
  const told = Object.entries(labels).map(([label, values]) => {
    if (typeof values === 'string') return `<br>\`${label}\`: ${values}`
    const each = Object.entries(values).map(([value, meaning]) => `\`${value}\` ${meaning}`)
    return `<br>\`${label}\`: ${each.join('; ')}`
  })
  return `| \`${name}\` | ${type} | ${`${help}${told.join('')}`.replaceAll('|', '\\|')} |\n`
}
