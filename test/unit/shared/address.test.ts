import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { test } from 'node:test'
import { formatAddressRange, isInRange, parseAddress, parseAddressRange } from '../../../shared/address.ts'
import { fuzz } from '../../fuzz/seeded-random.ts'

test('an address is in its network and in no other', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['10.2.3.4', '10.0.0.0/8', true],
    ['11.2.3.4', '10.0.0.0/8', false],
    ['10.2.3.4', '10.2.3.4', true],
    ['10.2.3.5', '10.2.3.4/31', true],
    ['10.2.3.6', '10.2.3.4/31', false],
    ['10.2.3.4', '0.0.0.0/0', true],
    ['::1', '0.0.0.0/0', false],
    ['::ffff:10.2.3.4', '10.0.0.0/8', true],
    ['2001:db8:1::5', '2001:db8::/32', true],
    ['2001:db9::5', '2001:db8::/32', false],
    ['fe80::1%eth0', 'fe80::/10', true],
  ]
  for (const [address, network, expected] of cases) {
    const range = parseAddressRange(network)
    assert.ok(range !== undefined, network)
    assert.equal(isInRange(parseAddress(address)!, range), expected, `${address} in ${network}`)
  }
})

test('what is written is the shortest form, with nothing beyond the prefix', () => {
  const cases = {
    '10.2.3.4/8': '10.0.0.0/8',
    '2001:0db8:0000:0000:0000:0000:0000:0001': '2001:db8::1',
    '1:0:0:2:0:0:0:3': '1:0:0:2::3',
    '::': '::',
    '::/0': '::/0',
    '1::': '1::',
    '::ffff:1.2.3.4': '1.2.3.4',
  }
  for (const [text, expected] of Object.entries(cases)) {
    assert.equal(formatAddressRange(parseAddressRange(text)!), expected)
  }
})

test('what is not an address is refused', () => {
  for (const text of [
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1:2',
    ':::',
    '1::2::3',
    '1.2.3.4/33',
    '::/129',
    '1.2.3.4/',
    'g::',
    '1.2.3.4/8/8',
  ]) {
    assert.equal(parseAddressRange(text), undefined, text)
  }
})

fuzz('the same texts are addresses as for the system', random => {
  const text = random
    .list(10, () => random.pick(['1', 'f', '0', '255', ':', '::', '.', 'ffff', '10.0.0.1']))
    .join('')
  assert.equal(parseAddress(text) !== undefined, isIP(text) !== 0, text)
})
