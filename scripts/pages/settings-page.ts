// The page docs/SETTINGS.md, written from the table of settings.

import { areas } from '../../server/config/schema.ts'
import { flagOf, type Setting, variableOf } from '../../server/config/setting.ts'

export const settingsPagePath = 'docs/SETTINGS.md'

export function settingsPage(): string {
  return `# Settings

<!-- Written by \`npm run docs\` from server/config/; edit it there. -->

Each setting can be given in three ways; flags win over environment variables, those over the file, the file over
the default:

| | for \`mqtt-port\` |
|---|---|
| flag | \`holdfast start --mqtt-port 1884\` |
| environment | \`HOLDFAST_MQTT_PORT=1884\` |
| file, named by \`--config FILE\` or \`HOLDFAST_CONFIG\` | \`mqtt-port: 1884\` |

The file is YAML with one \`name: value\` a line. A list is a YAML list, or one text with commas. A boolean flag may
stand alone: \`--allow-anonymous\` is \`--allow-anonymous true\`.

- **Durations** have one unit, \`ms s m h d\`: \`10s\`, \`5m\`, \`7d\`. A plain number is seconds.
- **Sizes** have one unit, \`B KiB MiB GiB TiB\`: \`64KiB\`, \`16MiB\`. A plain number is bytes.
- **Switched off**: where \`off\` or \`never\` is allowed, \`off\`, \`none\` and \`never\` mean the same.
- Relative paths are taken from the working directory, wherever they are written.
- Where two limits overlap, the smaller one holds.

Anything wrong is refused before the broker starts: a value that is not allowed, a name that does not exist (also an
unknown \`HOLDFAST_...\` variable), a \`host\` that other machines can reach without \`allow-anonymous\`. All problems are
told at once. \`holdfast config check\` does only that, and \`holdfast config show\` tells each value and where it came
from.

What can be changed while the broker runs, admins change through the admin API (\`PATCH /api/v1/settings\`). Such a
change is kept in the data directory and wins over flags, variables and file until it is taken back.
${areas.map(area => `\n## ${area.title}\n\n${settingsTable(Object.values(area.settings))}`).join('')}`
}

function settingsTable(settings: readonly Setting[]): string {
  return `| Setting | Default | What it does, and why the default |
|---|---|---|
${settings.map(settingRow).join('')}`
}

function settingRow(setting: Setting): string {
  const name = `<a id="${setting.name}"></a>\`${flagOf(setting)}\`<br>\`${variableOf(setting)}\``
  const live = setting.live === true ? ' Can be changed while the broker runs.' : ''
  const text = `${setting.meaning} *${setting.because}* Must be ${setting.kind.allowed}.${live}`
  return `| ${name} | \`${setting.default}\` | ${text.replaceAll('|', '\\|')} |\n`
}
