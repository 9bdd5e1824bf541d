// Writes what follows from the code: docs/SETTINGS.md, docs/METRICS.md, and the README's table of settings.

import { readFileSync, writeFileSync } from 'node:fs'
import { metricsPage, metricsPagePath } from './pages/metrics-page.ts'
import { readmePath, withSettings } from './pages/readme-settings.ts'
import { settingsPage, settingsPagePath } from './pages/settings-page.ts'

writeFileSync(new URL(`../${settingsPagePath}`, import.meta.url), settingsPage())
console.log(`Wrote ${settingsPagePath}.`)

writeFileSync(new URL(`../${metricsPagePath}`, import.meta.url), metricsPage())
console.log(`Wrote ${metricsPagePath}.`)

const readme = new URL(`../${readmePath}`, import.meta.url)
writeFileSync(readme, withSettings(readFileSync(readme, 'utf8')))
console.log(`Wrote the table in ${readmePath}.`)
