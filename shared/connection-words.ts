// Sentences about a client that comes, is refused, is pushed out or goes, and the words for where it is.

import { browserAndSystem } from './browser-words.ts'
import { type HappeningData, numberOf, sideOf, textOf } from './happening-facts.ts'
import { spanInWords } from './plain-words.ts'

/** `10.2.3.4, Chrome 142 on Windows, https://app.example`; empty when nothing of it is known. */
export function placeInWords(data: HappeningData): string {
  const userAgent = textOf(data, 'userAgent')
  const browser = userAgent === undefined ? undefined : browserAndSystem(userAgent)
  const known = [textOf(data, 'address'), browser, textOf(data, 'origin')]
  return known.filter(one => one !== undefined).join(', ')
}

export function connected(data: HappeningData): string {
  const { sessionPresent } = data
  const keepAlive = numberOf(data, 'keepAliveSeconds')
  const facts = [
    `Connected with ${versionInWords(data)}`,
    startInWords(data),
    keepAlive === undefined ? undefined : keepAlive === 0 ? 'no keep alive' : `keep alive ${keepAlive} s`,
    typeof sessionPresent === 'boolean'
      ? `told that a session is present: ${sessionPresent ? 'yes' : 'no'}`
      : undefined,
  ]
  return `${facts.filter(fact => fact !== undefined).join(', ')}${keptInWords(data)}`
}

export function refused(data: HappeningData): string {
  const version = numberOf(data, 'protocolVersion') === undefined ? '' : ` with ${versionInWords(data)}`
  const why = textOf(data, 'detail') ?? textOf(data, 'fault')
  return `Refused a client that came${version}${why === undefined ? '' : `: ${why}`}`
}

export function takenOver(data: HappeningData): string {
  const [from, by] = [sideOf(data, 'from'), sideOf(data, 'by')]
  const heldMs = numberOf(data, 'heldMs')
  const address = from && textOf(from, 'address')
  const isOneAddress = address !== undefined && by !== undefined && textOf(by, 'address') === address
  const held = heldMs === undefined ? '' : ` after ${heldInWords(heldMs)}`
  // What is the same on both sides is said once.
  const place = (side: HappeningData | undefined): string =>
    placeInWords(isOneAddress ? { ...side, address: undefined } : (side ?? {}))
  const [winner, loser] = [place(by), place(from)]
  const where = isOneAddress ? ` at ${address}` : ''
  if (winner === loser)
    return `Taken over${held} by another connection${winner === '' ? '' : ` from ${winner}`}${where}`
  const both = isOneAddress ? `, both${where}` : ''
  return `Taken over${held} by ${winner || 'another client'}, from ${loser || 'another client'}${both}`
}

/** `900 ms`, `1.2 s`, `61 s` */
export function heldInWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : spanInWords(ms)
}

const ends: Readonly<Record<string, string>> = {
  client: 'The client disconnected',
  'keep-alive': 'Disconnected: nothing was heard from the client for one and a half times its keep alive',
  'taken-over': 'Disconnected: another connection has taken the session',
  'protocol-error': 'Disconnected: the client broke the protocol',
  'packet-too-large': 'Disconnected: the client sent a packet above the limit',
  'slow-consumer': 'Disconnected: the client did not read what was sent to it',
  'not-authorized': 'Disconnected: the client was not allowed to go on',
  shutdown: 'Disconnected: the broker stopped',
  operator: 'Disconnected by an operator',
  hold: 'Disconnected, for the client is held',
}

/** Details that say no more than the cause does. */
const wordless: ReadonlySet<string> = new Set(['client', 'keep-alive', 'taken-over', 'operator', 'hold'])

export function disconnected(data: HappeningData, actor: string | null): string {
  const cause = textOf(data, 'cause') ?? 'socket'
  if (cause === 'socket') return `The connection was lost${socketInWords(data)}`
  if (cause === 'operator' && actor !== null) return `Disconnected by ${actor}`
  if (cause === 'hold' && actor !== null) return `Disconnected by ${actor}, who holds the client`
  const detail = wordless.has(cause) ? undefined : textOf(data, 'detail')
  return `${ends[cause] ?? `Disconnected: ${cause}`}${detail === undefined ? '' : ` (${detail})`}`
}

/** Paho tells no page of these, so that the timeline is where they can be read. */
const closeCodes: Readonly<Record<number, string>> = {
  1000: 'closed in order',
  1001: 'the page was left or closed',
  1005: 'closed without a code',
  1006: 'no close frame',
}

function socketInWords(data: HappeningData): string {
  const code = numberOf(data, 'closeCode')
  if (code !== undefined) {
    const meaning = closeCodes[code]
    return `: WebSocket ${code}${meaning === undefined ? '' : ` (${meaning})`}`
  }
  const detail = textOf(data, 'detail')
  return detail === undefined || /connection was lost/.test(detail) ? '' : `: ${detail}`
}

/** `MQTT 3.1.1` */
function versionInWords(data: HappeningData): string {
  const level = numberOf(data, 'protocolVersion')
  if (level === undefined) return 'MQTT'
  return `MQTT ${{ 3: '3.1', 4: '3.1.1' }[level] ?? level}`
}

/** The flag has another name in MQTT 5, and there another meaning. */
function startInWords(data: HappeningData): string | undefined {
  const { cleanStart } = data
  if (typeof cleanStart !== 'boolean') return undefined
  return numberOf(data, 'protocolVersion') === 5
    ? `clean start ${cleanStart ? 'on' : 'off'}`
    : `clean session ${cleanStart ? 'on' : 'off'}`
}

/** Null is for ever; 0 ends with the connection. */
function keptInWords({ expirySeconds }: HappeningData): string {
  if (expirySeconds === null) return '; kept for ever'
  if (typeof expirySeconds !== 'number') return ''
  return expirySeconds === 0 ? '; not kept' : `; kept for ${spanInWords(expirySeconds * 1000)} after it`
}
