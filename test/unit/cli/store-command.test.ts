// How store commands read their arguments: own flags among settings, from the command line, the environment and a file.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCli } from '../../../server/cli.ts'
import { sessionLine, storeOf, temporaryDirectory } from '../../harness/store-files.ts'

async function cli(argv: readonly string[], environment: Readonly<Record<string, string>> = {}, file = '') {
  const said = { out: '', err: '' }
  const code = await runCli({
    argv,
    environment,
    readFile: () => file,
    workingDirectory: '/nowhere',
    out: text => {
      said.out += text
    },
    err: text => {
      said.err += text
    },
    stdoutIsTerminal: false,
    loadBroker: () => Promise.reject(new Error('no test here starts a broker')),
  })
  return { code, ...said }
}

test('the store is named by flag, environment or file, as for start', async () => {
  const directory = await storeOf([sessionLine('a')])
  for (const given of [
    () => cli(['store', 'check', '--data-dir', directory]),
    () => cli(['store', 'check', `--data-dir=${directory}`, '--json']),
    () => cli(['store', 'check'], { HOLDFAST_DATA_DIR: directory }),
    () => cli(['store', 'check', '--config', 'x.yaml'], {}, `data-dir: ${directory}`),
    () => cli(['store', 'check', '--allow-anonymous', '--json', '--data-dir', directory]),
  ]) {
    const { code, out, err } = await given()
    assert.equal(code, 0, err)
    assert.match(out, /sessions {2}1 |"sessions":1,/)
  }
  const missing = await cli(['store', 'check'])
  assert.deepEqual(missing, { code: 1, out: '', err: 'there is no store at /nowhere/data/holdfast.db\n' })
})

test('an operand may stand before or behind flags, and relative ones start at the working directory', async () => {
  const directory = temporaryDirectory()
  for (const argv of [
    ['store', 'import', 'in.jsonl', '--data-dir', directory],
    ['store', 'import', '--data-dir', directory, '--overwrite', 'in.jsonl'],
    ['store', 'import', '--allow-anonymous', 'true', 'in.jsonl', '--data-dir', directory],
  ]) {
    const { code, err } = await cli(argv)
    assert.equal(code, 1)
    assert.match(err, /^\/nowhere\/in.jsonl cannot be read: ENOENT/)
  }
})

test('wrong arguments are told with exit code 2, before any store is touched', async () => {
  for (const [argv, pattern] of [
    [['store'], /store needs one of: store check, store compact, store export, store import, store backup/],
    [['store', 'chek'], /did you mean `holdfast store check`/],
    [['store', 'check', 'x'], /There is one argument too many: "x"/],
    [['store', 'import'], /Name the FILE to import/],
    [['store', 'import', 'a', 'b'], /There is one argument too many: "b"/],
    [['store', 'backup'], /Name the DIRECTORY for the backup/],
    [['store', 'export', '--output'], /--output needs a value/],
    [['store', 'export', '--session='], /--session needs a value/],
    [['store', 'check', '--jsn'], /no such flag/],
    [['store', 'check', '--mqtt-port', 'x'], /mqtt-port = "x"/],
  ] as const) {
    const { code, out, err } = await cli(argv)
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, pattern)
  }
})

test('each store command explains itself', async () => {
  for (const name of ['check', 'compact', 'export', 'import', 'backup']) {
    const { code, out } = await cli(['store', name, '--help'])
    assert.equal(code, 0)
    assert.match(out, new RegExp(`^Usage: holdfast store ${name}`))
    assert.match(out, /HOLDFAST_DATA_DIR/)
    assert.deepEqual(await cli(['help', 'store', name]), { code, out, err: '' })
  }
  assert.match((await cli(['store', 'backup', '--help'])).out, /To restore, start a broker on the copy/)
})
