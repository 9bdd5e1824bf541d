// The queries of the Grafana dashboard and of the alerts, and which metrics, labels and label values they name.

import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

export interface Query {
  readonly where: string
  readonly text: string
}

export interface Selector {
  readonly metric: string
  readonly labels: readonly { readonly label: string; readonly isPattern: boolean; readonly value: string }[]
}

export function fileAt(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
}

interface Panel {
  readonly title: string
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}

export interface Dashboard {
  readonly panels: readonly (Panel & {
    readonly id: number
    readonly description?: string
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  })[]
  readonly annotations: { readonly list: readonly { readonly expr: string }[] }
}

export function dashboard(): Dashboard {
  return JSON.parse(fileAt('deploy/grafana/holdfast.json'))
}

/** With Grafana's variables replaced by what they may stand for. */
export function dashboardQueries({ panels, annotations }: Dashboard): readonly Query[] {
  const ofPanels = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: `panel "${title}"`, text: expr })),
  )
  const ofAnnotations = annotations.list.map(({ expr }) => ({ where: 'annotation', text: expr }))
  return [...ofPanels, ...ofAnnotations].map(({ where, text }) => ({
    where,
    text: text
      .replaceAll('$__rate_interval', '1m')
      .replaceAll('$job', 'holdfast')
      .replaceAll('$instance', '.*'),
  }))
}

interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly annotations: { readonly description: string }
}

function alertRules(): readonly AlertRule[] {
  const { groups } = parse(fileAt('deploy/prometheus/holdfast-alerts.yml')) as {
    readonly groups: readonly { readonly rules: readonly AlertRule[] }[]
  }
  return groups.flatMap(({ rules }) => rules)
}

export function alertRule(name: string): AlertRule {
  const found = alertRules().find(({ alert }) => alert === name)
  if (found === undefined) throw new Error(`there is no alert ${name}`)
  return found
}

export function alertQueries(): readonly Query[] {
  return alertRules().map(({ alert, expr }) => ({ where: alert, text: expr }))
}

/** Every word of a query that is no function, keyword, label or duration names a metric. */
export function selectorsOf(text: string): readonly Selector[] {
  const bare = text
    .replaceAll(/\b(?:by|on|group_left|without|ignoring)\s*\([^)]*\)/g, ' ')
    .replaceAll(/\[[^\]]*\]/g, ' ')
  const selectors: Selector[] = []
  for (const [, word, open, labels = ''] of bare.matchAll(
    /\b([a-z_][a-z0-9_]*)\b(\s*\()?(?:\{([^}]*)\})?/g,
  )) {
    if (open !== undefined || word === undefined || /^(and|or|unless|bool|[0-9]+)$/.test(word)) continue
    selectors.push({
      metric: word,
      labels: [...labels.matchAll(/([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].map(
        ([, label = '', sign = '', value = '']) => ({ label, isPattern: sign.endsWith('~'), value }),
      ),
    })
  }
  return selectors
}

/** What a query groups by, and what a legend shows. */
export function groupedLabels(text: string): readonly string[] {
  return [...text.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map(one => one.trim()),
  )
}
