// Packets as Paho JS traces them: which went where, with what people want to know of each.

export interface WirePacket {
  readonly to: 'broker' | 'client'
  /** As the standard calls it: `PUBLISH`. */
  readonly name: string
  readonly words: string
  /** Of a CONNACK that lets the client in. */
  readonly sessionPresent: boolean
}

const SENT = '"Client._socket_send"'
const RECEIVED = '"Client._handleMessage"'

const names: Readonly<Record<number, string>> = {
  1: 'CONNECT',
  2: 'CONNACK',
  3: 'PUBLISH',
  4: 'PUBACK',
  5: 'PUBREC',
  6: 'PUBREL',
  7: 'PUBCOMP',
  8: 'SUBSCRIBE',
  9: 'SUBACK',
  10: 'UNSUBSCRIBE',
  11: 'UNSUBACK',
  12: 'PINGREQ',
  13: 'PINGRESP',
  14: 'DISCONNECT',
}

/** What Paho puts into its trace, as far as it is read here. */
interface Traced {
  readonly type: number
  readonly cleanSession?: boolean
  readonly sessionPresent?: boolean
  readonly returnCode?: number | Readonly<Record<string, number>>
  readonly messageIdentifier?: number
  readonly topics?: readonly string[]
  readonly requestedQos?: readonly number[]
  readonly payloadMessage?: {
    readonly payloadString: string
    readonly qos: number
    readonly retained: boolean
    readonly duplicate: boolean
  }
}

/** Undefined for what is no packet. */
export function wirePacketOf(record: string): WirePacket | undefined {
  const to = record.startsWith(SENT) ? 'broker' : record.startsWith(RECEIVED) ? 'client' : undefined
  if (to === undefined) return undefined
  const traced: Traced = JSON.parse(record.slice((to === 'broker' ? SENT : RECEIVED).length))
  const name = names[traced.type] ?? `packet ${traced.type}`
  return { to, name, words: wordsOf(name, traced), sessionPresent: traced.sessionPresent === true }
}

function wordsOf(name: string, traced: Traced): string {
  switch (name) {
    case 'CONNECT':
      return `clean session ${traced.cleanSession === true ? 'on' : 'off'}`
    case 'CONNACK':
      return traced.returnCode === 0
        ? `session present: ${traced.sessionPresent === true ? 'yes' : 'no'}`
        : `refused with code ${String(traced.returnCode)}`
    case 'SUBSCRIBE':
      return `${lastLevels(traced.topics?.[0])}, QoS ${traced.requestedQos?.[0] ?? 0}`
    case 'SUBACK':
      return `QoS ${firstOf(traced.returnCode)} granted`
    case 'PUBLISH':
      return published(traced)
    default:
      return traced.messageIdentifier === undefined ? '' : `id ${traced.messageIdentifier}`
  }
}

function published({ payloadMessage, messageIdentifier }: Traced): string {
  if (payloadMessage === undefined) return ''
  const { payloadString, qos, retained, duplicate } = payloadMessage
  return [
    `“${payloadString}”, QoS ${qos}`,
    ...(messageIdentifier === undefined || qos === 0 ? [] : [`id ${messageIdentifier}`]),
    ...(retained ? ['retain'] : []),
    ...(duplicate ? ['DUP'] : []),
  ].join(', ')
}

/** A typed array becomes an object in JSON. */
function firstOf(codes: Traced['returnCode']): number {
  return typeof codes === 'number' ? codes : (codes?.['0'] ?? 0)
}

/** The levels before are alike in all of a test, and long. */
function lastLevels(topic = ''): string {
  const levels = topic.split('/')
  return levels.length > 2 ? `…/${levels.slice(2).join('/')}` : topic
}
