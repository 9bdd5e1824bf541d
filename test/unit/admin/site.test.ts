// The HTTP routes of the start page: its files, its headers, its facts, and what it says before it has been built.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { after, before, test } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import { createHttp } from '../../../server/admin/http-server.ts'
import { serveSite } from '../../../server/admin/site.ts'
import { serveStartFacts } from '../../../server/admin/start-facts.ts'
import { SystemClock } from '../../../server/clock.ts'
import { loadSettings } from '../../../server/config/load.ts'
import type { StartFacts } from '../../../shared/start-facts.ts'

const built = `${mkdtempSync(`${tmpdir()}/holdfast-site-`)}/`
before(() => {
  writeFileSync(`${built}index.html`, '<!doctype html><title>page</title>')
  writeFileSync(`${built}icon.svg`, '<svg xmlns="http://www.w3.org/2000/svg"/>')
  mkdirSync(`${built}assets`)
  writeFileSync(`${built}assets/index-abc.js`, 'export {}')
})
after(() => rmSync(built, { recursive: true }))

async function site(folder: string): Promise<FastifyInstance> {
  const fastify = createHttp(new SystemClock())
  await serveSite(fastify, { pages: 'console', folder })
  return fastify
}

async function facts(argv: readonly string[], mqttUrl: string | undefined): Promise<StartFacts> {
  const loaded = loadSettings({ argv, environment: {}, workingDirectory: '/', readFile: () => '' })
  assert.ok(loaded.ok)
  const fastify = Fastify()
  serveStartFacts(fastify, {
    settings: loaded.settings,
    version: '1.2.3',
    mqttUrl: () => mqttUrl,
    websocketPort: () => 'here',
    console: true,
  })
  const response = await fastify.inject('/start.json')
  assert.equal(response.statusCode, 200)
  assert.equal(response.headers['cache-control'], 'no-store')
  return response.json()
}

test('every answer keeps foreign scripts and frames out', async () => {
  const fastify = await site(built)
  for (const url of ['/', '/assets/index-abc.js', '/icon.svg', '/nothing']) {
    const { headers } = await fastify.inject(url)
    const policy = String(headers['content-security-policy'])
    for (const part of [
      "default-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'self'",
    ])
      assert.ok(policy.includes(part), `${url}: ${policy}`)
    assert.ok(!/unsafe/.test(policy), policy)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['referrer-policy'], 'no-referrer')
  }
})

test('the page is asked for again each time, its files never', async () => {
  const fastify = await site(built)
  const page = await fastify.inject('/')
  assert.equal(page.statusCode, 200)
  assert.match(String(page.headers['content-type']), /^text\/html/)
  assert.equal(page.headers['cache-control'], 'no-cache')
  const script = await fastify.inject('/assets/index-abc.js')
  assert.equal(script.statusCode, 200)
  assert.match(String(script.headers['cache-control']), /immutable/)
})

test('no path leads out of the folder', async () => {
  const fastify = await site(`${built}assets/`)
  for (const url of [
    '/assets/../index.html',
    '/assets/..%2findex.html',
    '/assets/%2e%2e/%2e%2e/index.html',
  ]) {
    const { statusCode, body } = await fastify.inject(url)
    assert.ok(statusCode >= 400, `${url}: ${statusCode}`)
    assert.ok(!body.includes('page'), url)
  }
})

test('before the page has been built, a sentence says how', async () => {
  const response = await (await site(`${built}not-there/`)).inject('/')
  assert.equal(response.statusCode, 503)
  assert.match(String(response.headers['content-type']), /^text\/plain/)
  assert.match(response.body, /takes MQTT connections.*npm start/s)
})

test('the facts are those of the settings and of the open listener', async () => {
  assert.deepEqual(await facts([], 'mqtt://127.0.0.1:41234'), {
    version: '1.2.3',
    host: '127.0.0.1',
    mqttPort: 41234,
    websocketPath: '/mqtt',
    name: null,
    environment: null,
    websocketPort: 'here',
    console: true,
    store: 'embedded',
    durability: 'sync',
    sessionExpirySeconds: 7 * 24 * 3600,
    queueMessagesMax: 1000,
    queueBytesMax: 16 * 1024 ** 2,
    queueOverflow: 'drop-oldest',
    queueQos0: false,
  })
})

test('what is off or without end is null, and the cap on sessions counts', async () => {
  const off = await facts(['--mqtt-port', 'off'], undefined)
  assert.equal(off.mqttPort, null)
  const never = ['--session-expiry-default', 'never', '--session-expiry-max', 'never']
  assert.equal((await facts(never, undefined)).sessionExpirySeconds, null)
  assert.equal((await facts(['--session-expiry-max', '1h'], undefined)).sessionExpirySeconds, 3600)
})
