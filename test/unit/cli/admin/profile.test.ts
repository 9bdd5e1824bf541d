// Which broker a command talks to and with which key, and what is refused before anything is sent.

import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { adminCommand } from '../../../../server/cli/admin/admin-command.ts'
import { targetOf } from '../../../../server/cli/admin/profile.ts'
import { cli } from './cli-scene.ts'

const home = mkdtempSync(join(tmpdir(), 'holdfast-home-'))
after(() => rmSync(home, { recursive: true }))
const folder = join(home, '.config', 'holdfast')
const profiles = join(folder, 'profiles.yaml')
mkdirSync(folder, { recursive: true })

function write(text: string, mode = 0o600): void {
  writeFileSync(profiles, text)
  chmodSync(profiles, mode)
}

/** Runs a command that tells where it would go. */
async function target(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  let told = ''
  const command = adminCommand({
    name: 'try',
    group: 'Try',
    summary: 'Try.',
    run: async ({ options, context }) => {
      const { url, apiKey } = targetOf(options, context)
      told = `${url.href} ${apiKey ?? 'no key'}`
    },
  })
  const { code, err } = await cli(argv, { environment: { HOME: home, ...environment }, command })
  return code === 0 ? told : `${code}: ${err}`
}

const two = 'home:\n  url: http://127.0.0.1:9000\nfield:\n  url: https://mqtt.example\n  api-key: bk_field\n'

test('the broker of this machine, unless flag, variable or profile says another', async () => {
  write(two)
  assert.equal(await target([]), 'http://127.0.0.1:8080/ no key')
  assert.equal(
    await target([], { HOLDFAST_URL: 'http://127.0.0.1:1', HOLDFAST_API_KEY: 'k' }),
    'http://127.0.0.1:1/ k',
  )
  assert.equal(
    await target(['--url', 'http://127.0.0.1:2'], { HOLDFAST_URL: 'http://127.0.0.1:1' }),
    'http://127.0.0.1:2/ no key',
  )
  assert.equal(await target(['--profile', 'field']), 'https://mqtt.example/ bk_field')
  assert.equal(await target([], { HOLDFAST_PROFILE: 'field' }), 'https://mqtt.example/ bk_field')
})

test('a key never goes to a broker that it is not for', async () => {
  write(two)
  // A profile is whole: the key in the environment belongs to another broker.
  assert.equal(
    await target(['--profile', 'home'], { HOLDFAST_API_KEY: 'k' }),
    'http://127.0.0.1:9000/ no key',
  )
  assert.equal(
    await target(['--url', 'http://127.0.0.1:2'], { HOLDFAST_PROFILE: 'field' }),
    'http://127.0.0.1:2/ no key',
  )
  assert.match(
    await target(['--url', 'http://127.0.0.1:2', '--profile', 'field']),
    /^2: --profile and --url both say/,
  )
})

test('a key may come from a file, without what ends its line', async () => {
  const file = join(home, 'key')
  writeFileSync(file, 'bk_file\n')
  write(two)
  assert.equal(await target(['--api-key-file', file]), 'http://127.0.0.1:8080/ bk_file')
  assert.equal(await target(['--api-key-file', file, '--profile', 'field']), 'https://mqtt.example/ bk_file')
  writeFileSync(file, 'two words')
  assert.match(await target(['--api-key-file', file]), /^2: .* must hold one API key/)
  assert.match(await target(['--api-key-file', `${file}-not`]), /^2: .* cannot be read/)
})

test('profiles that others can read are refused, with how to mend it', async () => {
  for (const mode of [0o640, 0o604, 0o620, 0o666]) {
    write(two, mode)
    const said = await target(['--profile', 'field'])
    assert.ok(said.startsWith('2: ') && said.includes(`chmod 600 ${profiles}`), said)
    assert.ok(!said.includes('bk_'))
  }
  // Nobody looks at them when they are not asked for.
  assert.equal(await target([]), 'http://127.0.0.1:8080/ no key')
})

test('what is wrong in the profiles is said, and a key in them is not', async () => {
  const cases = [
    ['', 'feild', /has no profiles/],
    [two, 'feild', /There is no profile "feild".*Did you mean field\?/],
    ['field: bk_secret', 'field', /is not complete/],
    ['field:\n  url: https://x\n  apikey: bk_secret', 'field', /there is no "apikey"/],
    ['field: {url: [bk_secret', 'field', /is no YAML/],
    ['field:\n  url: ftp://x', 'field', /profile field must be an address/],
    ['field:\n  url: https://user:bk_secret@x', 'field', /must not have a password/],
  ] as const
  for (const [text, name, pattern] of cases) {
    write(text)
    const said = await target(['--profile', name])
    assert.match(said, pattern)
    assert.ok(said.startsWith('2: ') && !said.includes('bk_secret'), said)
  }
})

test('the variables of the client do not keep a broker from starting', async () => {
  const environment = { HOLDFAST_URL: 'http://x', HOLDFAST_API_KEY: 'k', HOLDFAST_PROFILE: 'p' }
  assert.deepEqual(await cli(['config', 'check'], { environment }), {
    code: 0,
    out: 'The settings are valid.\n',
    err: '',
  })
})
