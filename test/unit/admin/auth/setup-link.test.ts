// The set-up link: right once, for a day, and only the newest.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SetupLink, setupUrl } from '../../../../server/admin/auth/setup-link.ts'

const NOW = 1_800_000_000_000
const DAY = 86_400_000

test('a token is right until it is spent, until a day has passed, and until there is a newer one', () => {
  const link = new SetupLink()
  assert.equal(link.isRight('', NOW), false)
  const { token, validUntil } = link.issue(NOW)
  assert.equal(validUntil, NOW + DAY)
  assert.equal(link.isRight(token, NOW), true)
  assert.equal(link.isRight(`${token}x`, NOW), false)
  assert.equal(link.isRight(token, NOW + DAY), false)
  const newer = link.issue(NOW)
  assert.deepEqual([link.isRight(token, NOW), link.isRight(newer.token, NOW)], [false, true])
  link.spend()
  assert.equal(link.isRight(newer.token, NOW), false)
})

test('the token stands where no browser sends it to a server', () => {
  const url = new URL(setupUrl('http://127.0.0.1:8080', 'secret'))
  assert.deepEqual([url.pathname, url.search, url.hash], ['/setup', '', '#token=secret'])
})
