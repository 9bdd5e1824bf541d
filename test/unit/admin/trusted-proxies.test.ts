// Whose X-Forwarded-For is believed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHttp } from '../../../server/admin/http-server.ts'
import { trustOf } from '../../../server/admin/trusted-proxies.ts'
import { SystemClock } from '../../../server/clock.ts'

/** Whom a request seems to come from that a peer at that address sends. */
async function seenAs(
  remoteAddress: string,
  headers: Readonly<Record<string, string>>,
  trustedProxies: readonly string[],
): Promise<readonly [ip: string, protocol: string]> {
  const fastify = createHttp(new SystemClock(), trustedProxies)
  fastify.get('/', async ({ ip, protocol }) => [ip, protocol])
  return (await fastify.inject({ url: '/', remoteAddress, headers })).json()
}

const forwarded = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }

test('nobody is believed unless the settings name them', async () => {
  assert.deepEqual(await seenAs('10.0.0.2', forwarded, []), ['10.0.0.2', 'http'])
  assert.deepEqual(await seenAs('10.0.0.2', forwarded, ['10.0.0.1', '192.168.0.0/16']), ['10.0.0.2', 'http'])
  assert.equal(trustOf([]), false)
})

test('a proxy that is named is believed, by address and by network, also where IPv4 is mapped into IPv6', async () => {
  for (const proxies of [['10.0.0.2'], ['10.0.0.0/8'], ['::1', '10.0.0.0/30']])
    assert.deepEqual(await seenAs('10.0.0.2', forwarded, proxies), ['203.0.113.9', 'https'])
  assert.deepEqual(await seenAs('::ffff:10.0.0.2', forwarded, ['10.0.0.2']), ['203.0.113.9', 'https'])
  assert.deepEqual(await seenAs('fd00::7', forwarded, ['fd00::/8']), ['203.0.113.9', 'https'])
})

test('what a client has put in front is not believed, however long the chain is', async () => {
  const chain = { 'x-forwarded-for': '1.1.1.1, 203.0.113.9, 10.0.0.3' }
  assert.equal((await seenAs('10.0.0.2', chain, ['10.0.0.0/8']))[0], '203.0.113.9')
  assert.equal((await seenAs('10.0.0.2', chain, ['10.0.0.2']))[0], '10.0.0.3')
  const forged = { 'x-forwarded-for': 'unknown, 10.0.0.2' }
  assert.equal((await seenAs('203.0.113.9', forged, ['10.0.0.0/8']))[0], '203.0.113.9')
})
