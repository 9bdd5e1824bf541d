// Whose word about a client's address is believed: that of the proxies which the settings name, and of nobody else.

import { isInRange, parseAddress, parseAddressRange } from '../../shared/address.ts'

/** For Fastify's `trustProxy`; false: no header is believed. Throws on what is no address or network. */
export function trustOf(proxies: readonly string[]): false | ((address: string | undefined) => boolean) {
  if (proxies.length === 0) return false
  const ranges = proxies.map(text => {
    const range = parseAddressRange(text)
    if (range === undefined) throw new Error(`${text} is no address and no network`)
    return range
  })
  return address => {
    const groups = address === undefined ? undefined : parseAddress(address)
    return groups !== undefined && ranges.some(range => isInRange(groups, range))
  }
}
