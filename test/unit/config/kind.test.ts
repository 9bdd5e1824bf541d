// What each kind of setting accepts and refuses.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  boolean,
  bytes,
  duration,
  host,
  integer,
  type Kind,
  label,
  networks,
  oneOf,
  origins,
  orOff,
  path,
  port,
  urlPath,
} from '../../../server/config/kind.ts'

function value<T>(kind: Kind<T>, text: string): T | 'refused' {
  const parsed = kind.parse(text, '/srv')
  return parsed === 'refused' ? parsed : parsed.value
}

function refuses(kind: Kind<unknown>, texts: readonly string[]): void {
  for (const text of texts) assert.equal(value(kind, text), 'refused', JSON.stringify(text))
}

test('integers and ports keep to their range and to digits', () => {
  const some = integer({ min: 2, max: 9 })
  assert.equal(value(some, '2'), 2)
  assert.equal(value(some, '9'), 9)
  refuses(some, ['1', '10', '', ' 3', '3.0', '-3', '+3', '0x3', '1e0', '3s', '9999999999999999999'])
  assert.equal(value(port, '0'), 0)
  refuses(port, ['65536', '-1', 'off'])
})

test('durations are held in the unit of their key; a plain number is seconds', () => {
  const seconds = duration({ unit: 'seconds', min: '1s', max: '30d' })
  const ms = duration({ unit: 'ms', min: '10ms', max: '10m' })
  assert.equal(value(seconds, '7d'), 604_800)
  assert.equal(value(seconds, '90'), 90)
  assert.equal(value(seconds, '2000ms'), 2)
  assert.equal(value(ms, '10'), 10_000)
  assert.equal(value(ms, '250ms'), 250)
  refuses(seconds, ['1500ms', '0s', '31d', '1.5h', '1h30m', '10 s', 'never', '-1s', ''])
  assert.equal(seconds.format(5400), '90m')
  assert.equal(ms.format(250), '250ms')
})

test('bytes take binary units; a plain number is bytes', () => {
  const size = bytes({ min: '1KiB', max: '1GiB' })
  assert.equal(value(size, '64KiB'), 65_536)
  assert.equal(value(size, '64kib'), 65_536)
  assert.equal(value(size, '1500'), 1500)
  refuses(size, ['64KB', '64K', '1023', '2GiB', '1.5MiB', '', '-64KiB'])
  assert.equal(size.format(65_536), '64KiB')
  assert.equal(size.format(1500), '1500B')
  assert.equal(value(size, size.format(1500)), 1500)
})

test('what may be switched off is undefined then', () => {
  const kind = orOff('never', integer({ min: 1, max: 9 }), ['0'])
  for (const word of ['off', 'none', 'never', '0']) assert.equal(value(kind, word), undefined)
  assert.equal(value(kind, '1'), 1)
  assert.equal(kind.format(undefined), 'never')
  refuses(kind, ['Off', 'no', ''])
})

test('booleans and enums know their words only', () => {
  assert.equal(value(boolean, 'true'), true)
  assert.equal(value(boolean, 'false'), false)
  refuses(boolean, ['yes', '1', 'TRUE', ''])
  refuses(oneOf(['a', 'b']), ['A', 'c', ''])
})

test('labels are a few words that people can see', () => {
  assert.equal(value(label, 'Werk Süd 2'), 'Werk Süd 2')
  refuses(label, ['', ' a', 'a ', 'a\nb', '\u202Ea', 'x'.repeat(41)])
})

test('hosts are addresses or names', () => {
  assert.equal(value(host, '[::1]'), '::1')
  assert.equal(value(host, 'broker-1.example'), 'broker-1.example')
  refuses(host, ['', '127.0.0', '256.1.1.1', 'a b', 'http://h', 'h:1883', '-h', 'a..b', '::g'])
})

test('paths are taken from the working directory', () => {
  assert.equal(value(path, 'data'), '/srv/data')
  assert.equal(value(path, '/var/lib'), '/var/lib')
  refuses(path, ['', 'a\0b'])
  assert.equal(value(urlPath, '/mqtt'), '/mqtt')
  refuses(urlPath, ['mqtt', '/', '/mqtt/', '/api', '/api/v1', '/a?b', '/a b', '//a'])
  assert.equal(value(urlPath, '/apimqtt'), '/apimqtt')
})

test('origins are keywords and exact origins', () => {
  assert.deepEqual(value(origins, 'localhost, same,https://app.example:8443'), [
    'localhost',
    'same',
    'https://app.example:8443',
  ])
  assert.deepEqual(value(origins, 'none'), [])
  assert.deepEqual(value(origins, '*'), ['*'])
  refuses(origins, [
    '',
    '*,same',
    'app.example',
    'https://app.example/',
    'https://App.example',
    'ftp://a',
    'none,same',
  ])
  assert.equal(origins.format([]), 'none')
})

test('networks are addresses and prefixes, and never everything', () => {
  assert.deepEqual(value(networks, '10.1.2.3/8, ::1,192.0.2.7'), ['10.0.0.0/8', '::1', '192.0.2.7'])
  assert.deepEqual(value(networks, 'none'), [])
  refuses(networks, ['', '0.0.0.0/0', '::/0', 'proxy.example', '10.0.0.0/33', '10.0.0.0/8,', 'none,::1'])
  assert.equal(networks.format([]), 'none')
})
