// Writes what follows from the code: docs/SETTINGS.md, and the README's table of settings.

import { readFileSync, writeFileSync } from 'node:fs'
import { readmePath, withSettings } from './pages/readme-settings.ts'
import { settingsPage, settingsPagePath } from './pages/settings-page.ts'

writeFileSync(new URL(`../${settingsPagePath}`, import.meta.url), settingsPage())
console.log(`Wrote ${settingsPagePath}.`)

const readme = new URL(`../${readmePath}`, import.meta.url)
writeFileSync(readme, withSettings(readFileSync(readme, 'utf8')))
console.log(`Wrote the table in ${readmePath}.`)
