// IP addresses and networks as text, read strictly: what is not one is undefined, never a guess.

export interface AddressRange {
  readonly family: 4 | 6
  /** Groups of 16 bits, two or eight, with everything beyond the prefix zero. */
  readonly groups: readonly number[]
  readonly prefixLength: number
}

/** `10.0.0.0/8`, `10.2.3.4`, `2001:db8::/32`; an IPv4 address mapped into IPv6 is the IPv4 address. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [address = '', length, ...rest] = text.split('/')
  if (rest.length > 0) return undefined
  const groups = parseAddress(address)
  if (groups === undefined) return undefined
  const bits = groups.length * 16
  if (length === undefined) return { family: familyOf(groups), groups, prefixLength: bits }
  const prefixLength = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  if (!(prefixLength <= bits)) return undefined
  return {
    family: familyOf(groups),
    groups: groups.map((group, at) => group & maskOf(at, prefixLength)),
    prefixLength,
  }
}

export function formatAddressRange({ family, groups, prefixLength }: AddressRange): string {
  const address = formatAddress(groups)
  return prefixLength === (family === 4 ? 32 : 128) ? address : `${address}/${prefixLength}`
}

export function isInRange(groups: readonly number[], range: AddressRange): boolean {
  if (groups.length !== range.groups.length) return false
  return range.groups.every((group, at) => ((groups[at] ?? 0) & maskOf(at, range.prefixLength)) === group)
}

/** Two groups for IPv4, eight for IPv6; a zone (`%eth0`) is left out. */
export function parseAddress(text: string): readonly number[] | undefined {
  const address = text.replace(/%[^%]*$/, '')
  if (!address.includes(':')) return parseV4(address)
  const groups = parseV6(address)
  return groups !== undefined && isMapped(groups) ? groups.slice(6) : groups
}

function formatAddress(groups: readonly number[]): string {
  if (groups.length === 2) return groups.flatMap(group => [group >> 8, group & 255]).join('.')
  const hex = groups.map(group => group.toString(16))
  const zeros = longestZeros(groups)
  if (zeros.length < 2) return hex.join(':')
  return `${hex.slice(0, zeros.start).join(':')}::${hex.slice(zeros.start + zeros.length).join(':')}`
}

/** The first of the longest runs, as RFC 5952 wants it. */
function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let longest = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > longest.length) longest = { start, length }
  }
  return longest
}

function familyOf(groups: readonly number[]): 4 | 6 {
  return groups.length === 2 ? 4 : 6
}

function maskOf(group: number, prefixLength: number): number {
  const bits = Math.max(0, Math.min(16, prefixLength - group * 16))
  return (0xffff << (16 - bits)) & 0xffff
}

function parseV4(text: string): readonly number[] | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined
  }
  const [a = 0, b = 0, c = 0, d = 0] = parts.map(Number)
  return [(a << 8) | b, (c << 8) | d]
}

function parseV6(text: string): readonly number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, at) => parseGroups(half, at === halves.length - 1))
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  if (tail === undefined) return head.length === 8 ? head : undefined
  const missing = 8 - head.length - tail.length
  return missing < 1 ? undefined : [...head, ...new Array<number>(missing).fill(0), ...tail]
}

/** The last group of an address may be an IPv4 address. */
function parseGroups(text: string, isLast: boolean): readonly number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [at, part] of parts.entries()) {
    const v4 = isLast && at === parts.length - 1 ? parseV4(part) : undefined
    if (v4 !== undefined) groups.push(...v4)
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups.length <= 8 ? groups : undefined
}

function isMapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every(group => group === 0)
}
