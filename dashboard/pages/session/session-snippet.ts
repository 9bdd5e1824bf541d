// A program with Paho JS that connects as the client of a session did: the same id, the same options, the same filters.

import { codeLiteral } from '../../../shared/code-literal.ts'
import type { SessionDetail } from '../../../shared/session-detail.ts'
import type { SessionSubscription } from '../../../shared/session-subscriptions.ts'

/** A program that lists more of them is no example. */
const FILTERS_MAX = 8
/** What Paho takes when nobody says. */
const KEEP_ALIVE_SECONDS = 60

export interface SnippetGiven {
  readonly url: string
  readonly detail: Pick<
    SessionDetail,
    'clientId' | 'clean' | 'protocol' | 'keepAliveSeconds' | 'will' | 'owner'
  >
  readonly subscriptions: readonly Pick<SessionSubscription, 'topicFilter' | 'qos'>[]
}

export function sessionSnippet({ url, detail, subscriptions }: SnippetGiven): string {
  const { clientId, will } = detail
  const options = [
    `cleanSession: ${detail.clean === true},${detail.clean === true ? ' // nothing is kept while it is away' : ' // the broker keeps the session'}`,
    ...versionLine(detail.protocol),
    'reconnect: true,',
    `keepAliveInterval: ${detail.keepAliveSeconds ?? KEEP_ALIVE_SECONDS},`,
    ...(detail.owner === '' ? [] : [`userName: ${codeLiteral(detail.owner)},`, "password: '…',"]),
    ...(will === null ? [] : ['willMessage: will,']),
    ...onSuccess(subscriptions),
    'onFailure: ({ errorMessage }) => console.error(errorMessage),',
  ]
  return `// npm install paho-mqtt
import Paho from 'paho-mqtt'

const client = new Paho.Client(${codeLiteral(url)}, ${codeLiteral(clientId)})

// Set before connecting: what waited comes in right away.
client.onMessageArrived = message => {
  console.log(message.destinationName, message.payloadString)
}
client.onConnectionLost = ({ errorCode, errorMessage }) => {
  // Says "Socket closed" whatever the reason was; the timeline of the session has it.
  if (errorCode !== 0) console.warn(errorMessage)
}
${willLines(will)}
client.connect({
${options.map(line => `  ${line}`).join('\n')}
})
`
}

/** Paho speaks 3.1 and 3.1.1; what an MQTT 5 client asked for has no place in its options. */
function versionLine(protocol: number | null): readonly string[] {
  if (protocol === 3) return ['mqttVersion: 3, // MQTT 3.1, as the client did']
  if (protocol === 5) return ['mqttVersion: 4, // Paho does not speak MQTT 5, which the client did']
  return ['mqttVersion: 4, // or Paho falls back to MQTT 3.1 unasked']
}

function onSuccess(subscriptions: SnippetGiven['subscriptions']): readonly string[] {
  const own = subscriptions.filter(({ topicFilter }) => !topicFilter.startsWith('$share/'))
  const shown = own.slice(0, FILTERS_MAX)
  if (shown.length === 0) return []
  const calls = shown.map(
    ({ topicFilter, qos }) => `  client.subscribe(${codeLiteral(topicFilter)}, { qos: ${qos} })`,
  )
  const rest = own.length > shown.length ? [`  // and ${own.length - shown.length} more`] : []
  return ['onSuccess: () => {', ...calls, ...rest, '},']
}

function willLines(will: SessionDetail['will']): string {
  if (will === null) return ''
  return `
const will = new Paho.Message('…') // ${will.payloadBytes} bytes, which nobody sees here
will.destinationName = ${codeLiteral(will.topic)}
will.qos = ${will.qos}
will.retained = ${will.retain}
`
}

/** Takes out what Paho keeps in the page for a client id, and would send again: to clean the session does not reach it. */
export function storageSnippet(clientId: string): string {
  return `// What this page still wants to send lies in its localStorage, and is sent again whatever became of the session.
for (const key of Object.keys(localStorage)) {
  if (/^(Sent|Received):/.test(key) && key.includes(${codeLiteral(`:${clientId}:`)})) localStorage.removeItem(key)
}
`
}
