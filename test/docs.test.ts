// Generated pages are as fresh as the code they follow from.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { metricsPage, metricsPagePath } from '../scripts/pages/metrics-page.ts'
import { readmePath, withSettings } from '../scripts/pages/readme-settings.ts'
import { settingsPage, settingsPagePath } from '../scripts/pages/settings-page.ts'

test('docs/SETTINGS.md says what the table of settings says', () => {
  const written = readFileSync(new URL(`../${settingsPagePath}`, import.meta.url), 'utf8')
  assert.ok(written === settingsPage(), `${settingsPagePath} is stale: run npm run docs`)
})

test('docs/METRICS.md says what the metrics say of themselves', () => {
  const written = readFileSync(new URL(`../${metricsPagePath}`, import.meta.url), 'utf8')
  assert.ok(written === metricsPage(), `${metricsPagePath} is stale: run npm run docs`)
})

test('the README says what the table of settings says', () => {
  const written = readFileSync(new URL(`../${readmePath}`, import.meta.url), 'utf8')
  assert.ok(written === withSettings(written), `${readmePath} is stale: run npm run docs`)
})
