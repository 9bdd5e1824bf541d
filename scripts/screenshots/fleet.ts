// Brokers to take pictures of: one as `npm run demo` fills it, and the users who look at it.

import { execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type AdminClient, logIn, PASSWORD, setUp } from '../../test/harness/admin-client.ts'
import { startBroker, type TestBroker } from '../../test/harness/broker.ts'
import type { Settings } from '../../test/harness/broker-program.ts'
import type { ShotBroker } from './shot.ts'

const demo = fileURLToPath(new URL('../demo.ts', import.meta.url))
const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url))
const linkPattern = /https?:\/\/\S+\/setup#token=[\w-]+/
/** Until there is something to be seen in its charts, too. */
const FLEET_PLAYS_MS = 40_000

export interface Stage extends ShotBroker {
  readonly admin: AdminClient
  readonly viewer: AdminClient
  end(): Promise<void>
}

export async function fleet(): Promise<Stage> {
  const child = spawn(process.execPath, [demo, '--mqtt-port', '0', '--http-port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const setupLink = Promise.withResolvers<string>()
  const there = Promise.withResolvers<void>()
  createInterface({ input: child.stdout }).on('line', line => {
    const [link] = linkPattern.exec(line) ?? []
    if (link !== undefined) setupLink.resolve(link)
    if (line.startsWith('The fleet is there')) there.resolve()
  })
  const ended = new Promise(resolve => child.once('exit', resolve))
  const link = await setupLink.promise
  await there.promise
  await new Promise(resolve => setTimeout(resolve, FLEET_PLAYS_MS))
  const only = (): Promise<void> => Promise.reject(new Error('the fleet is there for all pictures'))
  return {
    ...(await users(new URL(link).origin, link)),
    stop: only,
    start: only,
    end: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** A broker that nobody has used, with these settings. */
export async function ownBroker(settings: Settings): Promise<Stage> {
  const broker = await startBroker({ settings })
  return {
    ...(await users(broker.httpUrl, linkOf(broker))),
    stop: async () => void (await broker.stop()),
    start: () => broker.start(),
    end: async () => {
      if (broker.state === 'running') await broker.stop()
    },
  }
}

function linkOf(broker: TestBroker): string {
  const argv = [main, 'setup-link', '--data-dir', broker.dataDirectory]
  const [link] = linkPattern.exec(execFileSync(process.execPath, argv, { encoding: 'utf8' })) ?? []
  if (link === undefined) throw new Error('the broker has not said how the first admin is made')
  return link
}

async function users(url: string, setupLink: string): Promise<Pick<Stage, 'url' | 'admin' | 'viewer'>> {
  const admin = await setUp({ httpUrl: url, running: { setupLink } }, 'ana')
  const made = await admin.post('/users', { name: 'ben', password: PASSWORD, role: 'viewer' })
  if (made.status !== 201) throw new Error(made.text)
  return { url, admin, viewer: await logIn(url, 'ben') }
}
