// The dashboard, the alerts and the scrape configuration fit the metrics that a broker really has.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { stringify } from 'yaml'
import { brokerForFile } from '../harness/broker.ts'
import { type Exposition, scrape } from '../harness/exposition.ts'
import { requireProgram } from '../harness/programs.ts'
import { RawClient } from '../harness/raw-client.ts'
import { alertCases } from './alert-cases.ts'
import {
  alertQueries,
  alertRule,
  dashboard,
  dashboardQueries,
  fileAt,
  groupedLabels,
  selectorsOf,
} from './queries.ts'

const broker = brokerForFile({ metrics: 'open' })
const promtool = await requireProgram('promtool')
const folder = mkdtempSync(join(tmpdir(), 'holdfast-promtool-'))
after(() => rmSync(folder, { recursive: true }))

/** Prometheus adds these to whatever it reads. */
const added = ['job', 'instance']

function runPromtool(args: readonly string[], input = ''): void {
  assert.ok('path' in promtool)
  const { status, stdout, stderr } = spawnSync(promtool.path, args, { input, encoding: 'utf8', cwd: folder })
  assert.equal(status, 0, `promtool ${args.join(' ')}\n${stdout}${stderr}`)
  assert.equal(stderr, '', 'promtool has remarks')
}

function written(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** With each metric in it that only something happening brings. */
async function everything(): Promise<Exposition> {
  const refused = await RawClient.open(broker)
  refused.send(new Uint8Array([0x10, 0x02, 0x00, 0x00]))
  await refused.expectClosed()
  await scrape(broker.httpUrl)
  return scrape(broker.httpUrl)
}

test('every query of dashboard and alerts asks for metrics, labels and values that are there', async () => {
  const metrics = await everything()
  const queries = [...dashboardQueries(dashboard()), ...alertQueries()]
  assert.ok(queries.length > 40, `${queries.length} queries`)
  for (const { where, text } of queries) {
    const selectors = selectorsOf(text).filter(({ metric }) => metric !== 'up')
    for (const { metric, labels } of selectors) {
      assert.ok(metrics.names.has(metric), `${where}: there is no metric ${metric}`)
      const samples = metrics.samples.filter(({ name }) => name === metric)
      for (const { label, isPattern, value } of labels) {
        if (added.includes(label)) continue
        for (const one of isPattern ? value.split('|') : [value])
          assert.ok(
            samples.some(sample => sample.labels[label] === one),
            `${where}: ${metric} has no ${label} ${one}`,
          )
      }
      for (const label of groupedLabels(text)) {
        const has = added.includes(label) || samples.some(sample => label in sample.labels)
        assert.ok(has || selectors.length > 1, `${where}: ${metric} has no label ${label}`)
      }
    }
  }
})

test('a query for what is not there would be found', () => {
  assert.deepEqual(
    selectorsOf('sum by (a) (rate(b_total{c="d", e=~"f|g"}[5m])) > 0.9 * on (a) group_left () h and i').map(
      ({ metric }) => metric,
    ),
    ['b_total', 'h', 'i'],
  )
  assert.deepEqual(selectorsOf('b{c="d", e=~"f|g"}')[0]?.labels, [
    { label: 'c', isPattern: false, value: 'd' },
    { label: 'e', isPattern: true, value: 'f|g' },
  ])
})

test('every panel has an id of its own and a sentence, and none lies over another', () => {
  const { panels } = dashboard()
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const taken = new Set<string>()
  for (const { title, description = '', targets, gridPos } of panels) {
    if (targets !== undefined) assert.match(description, /\.$/, title)
    assert.ok(gridPos.x + gridPos.w <= 24, title)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(!taken.has(`${x} ${y}`), `${title} lies over another panel`)
        taken.add(`${x} ${y}`)
      }
    }
  }
})

test('promtool finds nothing wrong with the metrics', {
  skip: 'skip' in promtool && promtool.skip,
}, async () => {
  await everything()
  const text = await (await fetch(`${broker.httpUrl}/metrics`)).text()
  runPromtool(['check', 'metrics'], text)
})

test('promtool accepts configuration, alerts and queries', {
  skip: 'skip' in promtool && promtool.skip,
}, () => {
  written('holdfast-alerts.yml', fileAt('deploy/prometheus/holdfast-alerts.yml'))
  const config = written('prometheus.yml', fileAt('deploy/prometheus/prometheus.yml'))
  runPromtool(['check', 'config', '--syntax-only', config])
  runPromtool(['check', 'rules', '--lint=all', '--lint-fatal', join(folder, 'holdfast-alerts.yml')])
  const rules = dashboardQueries(dashboard()).map(({ text }, index) => ({
    record: `query_${index}`,
    expr: text,
  }))
  runPromtool([
    'check',
    'rules',
    written('queries.yml', stringify({ groups: [{ name: 'dashboard', rules }] })),
  ])
})

test('each alert is raised by what it is about, and by nothing else', {
  skip: 'skip' in promtool && promtool.skip,
}, () => {
  written('holdfast-alerts.yml', fileAt('deploy/prometheus/holdfast-alerts.yml'))
  assert.deepEqual(
    alertCases.map(({ alert }) => alert).sort(),
    alertQueries()
      .map(({ where }) => where)
      .sort(),
  )
  const tests = alertCases.map(({ alert, series, quiet, labels, summary }) => {
    const exp_labels = { ...labels, instance: 'b', job: 'holdfast' }
    const exp_annotations = { summary, description: alertRule(alert).annotations.description }
    return [testOf(alert, series, [{ exp_labels, exp_annotations }]), testOf(alert, quiet, [])]
  })
  const file = { rule_files: ['holdfast-alerts.yml'], evaluation_interval: '15s', tests: tests.flat() }
  runPromtool(['test', 'rules', written('tests.yml', stringify(file))])
})

function testOf(alertname: string, series: Readonly<Record<string, string>>, expected: readonly object[]) {
  return {
    interval: '15s',
    input_series: Object.entries(series).map(([name, values]) => ({
      series: name.includes('{')
        ? name.replace('{', '{job="holdfast",instance="b",')
        : `${name}{job="holdfast",instance="b"}`,
      values,
    })),
    alert_rule_test: [{ eval_time: '20m', alertname, exp_alerts: expected }],
  }
}
