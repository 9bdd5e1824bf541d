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
  const address = text.includes('%') ? text.replace(/%[^%]*$/, '') : text
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
  const number = parseV4Number(text)
  return number === undefined ? undefined : [number >>> 16, number & 0xffff]
}

/** An IPv4 address as a number of 32 bits; reads one after the other and makes nothing, there may be a million. */
export function parseV4Number(text: string): number | undefined {
  let number = 0
  let part = 0
  let digits = 0
  let parts = 1
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === DOT && digits > 0 && parts < 4) {
      number = number * 256 + part
      part = 0
      digits = 0
      parts++
    } else if (code >= DIGIT_0 && code <= DIGIT_9 && (digits === 0 || part > 0)) {
      part = part * 10 + code - DIGIT_0
      digits++
      if (part > 255) return undefined
    } else return undefined
  }
  return parts === 4 && digits > 0 ? number * 256 + part : undefined
}

const DOT = 0x2e
const DIGIT_0 = 0x30
const DIGIT_9 = 0x39

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
