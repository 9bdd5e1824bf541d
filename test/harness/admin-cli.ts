// The command line against a broker of the test's own, with the key of an admin.

import assert from 'node:assert/strict'
import { cli, type Said, type SceneOptions } from '../unit/cli/admin/cli-scene.ts'
import { type AdminClient, setUp } from './admin-client.ts'
import type { InProcessBroker } from './in-process-broker.ts'

export interface AdminCli {
  /** The first admin, whose key the command line has. */
  admin(): Promise<AdminClient>
  /** Runs `holdfast` with these arguments; nobody sits at it unless the options say so. */
  run(argv: readonly string[], options?: SceneOptions): Promise<Said>
  /** The same, which must be done without a complaint; what it printed. */
  done(...argv: readonly string[]): Promise<string>
  /** The same with --json: the objects that it printed. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at it as they expect it to be.
  json(...argv: readonly string[]): Promise<readonly any[]>
}

/** For a file's broker; usable inside tests. */
export function adminCliForFile(broker: InProcessBroker): AdminCli {
  let ready: Promise<{ readonly admin: AdminClient; readonly key: string }> | undefined
  const prepared = () => {
    ready ??= prepare(broker)
    return ready
  }
  const run = async (argv: readonly string[], options: SceneOptions = {}): Promise<Said> => {
    const environment = { HOLDFAST_URL: broker.httpUrl, HOLDFAST_API_KEY: (await prepared()).key }
    return cli(argv, { ...options, environment: { ...environment, ...options.environment } })
  }
  const done = async (...argv: readonly string[]): Promise<string> => {
    const { code, out, err } = await run(argv)
    assert.equal(code, 0, `${argv.join(' ')}: ${err}`)
    return out
  }
  return {
    admin: async () => (await prepared()).admin,
    run,
    done,
    json: async (...argv) => {
      const out = await done(...argv, '--json')
      return out
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line))
    },
  }
}

async function prepare(broker: InProcessBroker) {
  const admin = await setUp(broker)
  const made = await admin.post('/keys', { name: 'command line', role: 'admin', grants: ['payload:read'] })
  assert.equal(made.status, 201, made.text)
  return { admin, key: String(made.body.key) }
}
