// Writes the pages of docs/ that follow from the code.

import { writeFileSync } from 'node:fs'
import { settingsPage, settingsPagePath } from './pages/settings-page.ts'

writeFileSync(new URL(`../${settingsPagePath}`, import.meta.url), settingsPage())
console.log(`Wrote ${settingsPagePath}.`)
