// How often somebody may ask, and who counts as one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RateLimit } from '../../../../server/admin/api/rate-limit.ts'
import { addressKey } from '../../../../server/admin/auth/address-key.ts'

test('a bucket empties, says how long to wait, and fills again', () => {
  let now = 1_000
  const limit = new RateLimit({ now: () => now })
  const pace = { burst: 3, perSecond: 2 }
  const take = (cost = 1): number => limit.take('a', pace, cost)
  assert.deepEqual([take(), take(), take()], [0, 0, 0])
  assert.equal(take(), 500)
  assert.equal(limit.take('b', pace, 1), 0)
  now += 500
  assert.deepEqual([take(), take()], [0, 500])
  now += 60_000
  assert.deepEqual([take(3), take()], [0, 500])
})

test('many strangers cost bounded memory, and none of them gets another a longer wait', () => {
  const limit = new RateLimit({ now: () => 0 })
  const pace = { burst: 1, perSecond: 1 }
  for (let count = 0; count < 50_000; count++) assert.equal(limit.take(`${count}`, pace, 1), 0)
  assert.equal(limit.take('49999', pace, 1), 1_000)
})

const addresses = [
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::10.1.2.3', '64:ff9b:0:0::/64'],
  ['what is this', 'what is this'],
] as const

for (const [address, key] of addresses) {
  test(`${address} counts as ${key}`, () => assert.equal(addressKey(address), key))
}
