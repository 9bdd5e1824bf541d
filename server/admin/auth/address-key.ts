// Whom an address stands for when tries and requests are counted: one machine, however many addresses it can choose.

import { isIPv6 } from 'node:net'

/** An IPv6 network of 64 bits counts as one: a single machine gets at least that many addresses. */
export function addressKey(address: string): string {
  const plain = address.replace(/%.*$/, '')
  if (!isIPv6(plain)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)
  if (mapped !== null) return mapped[1]!
  const [head = '', tail = ''] = plain.split('::')
  const groups = head === '' ? [] : head.split(':')
  const last = tail === '' ? [] : tail.split(':')
  // A dotted ending stands for two groups.
  const length = groups.length + last.length + (plain.includes('.') ? 1 : 0)
  const zeros = plain.includes('::') ? Array.from({ length: 8 - length }, () => '0') : []
  const all = [...groups, ...zeros, ...last].slice(0, 4).map(group => Number.parseInt(group, 16).toString(16))
  return `${all.join(':')}::/64`
}
