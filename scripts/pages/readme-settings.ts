// The README's short table of settings: the ones that matter first, written from the table of all of them.

import { type SettingKey, schema } from '../../server/config/schema.ts'
import type { Setting } from '../../server/config/setting.ts'

export const readmePath = 'README.md'

const first: readonly SettingKey[] = [
  'mqttPort',
  'httpPort',
  'dataDir',
  'durability',
  'websocketOrigins',
  'sessionExpiryDefaultSeconds',
  'sessionExpiryMaxSeconds',
  'queueMessagesMax',
  'queueBytesMax',
  'queueOverflow',
]

const begin = '<!-- settings: written by `npm run docs` -->'
const end = '<!-- /settings -->'

/** The README with its table written anew. Throws when the marks around it are gone. */
export function withSettings(readme: string): string {
  const from = readme.indexOf(begin)
  const to = readme.indexOf(end)
  if (from < 0 || to < from) throw new Error(`${readmePath} has lost its marks ${begin} and ${end}`)
  return `${readme.slice(0, from)}${begin}\n\n${table()}\n${readme.slice(to)}`
}

function table(): string {
  const rows = first.map(key => row(schema[key]))
  return `| Setting | Default | What it does |\n|---|---|---|\n${rows.join('')}`
}

function row({ name, default: value, meaning }: Setting): string {
  return `| [\`${name}\`](docs/SETTINGS.md#${name}) | \`${value}\` | ${meaning.replaceAll('|', '\\|')} |\n`
}
