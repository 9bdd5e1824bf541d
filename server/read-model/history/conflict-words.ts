// What a takeover conflict means, in one sentence, and what a web developer can do about it.

import { browserInWords } from '../../../shared/browser-words.ts'
import { codeLiteral } from '../../../shared/code-literal.ts'
import type { Conflict, ConflictAdvice, Contender } from '../../../shared/conflict.ts'
import { countInWords, listInWords, spanInWords } from '../../../shared/plain-words.ts'

type ConflictFacts = Omit<Conflict, 'sentence' | 'advice'>

/** `Two Chrome tabs on app.example/orders use the same client id; each is pushed out about 1 s after it connects.` */
export function explain({ contenders, heldMs, isActive, perMinute, takeovers }: ConflictFacts): string {
  const rate = isActive
    ? `${countInWords(perMinute, 'takeover')} in the last minute`
    : `it is over after ${countInWords(takeovers, 'takeover')}`
  const held = heldMs < 1_000 ? 'less than 1 s' : `about ${spanInWords(heldMs)}`
  return `${whoInWords(contenders)} use the same client id; each is pushed out ${held} after it connects: ${rate}.`
}

function whoInWords(contenders: readonly Contender[]): string {
  const [first, second] = contenders
  if (first === undefined) return 'Two clients'
  if (second === undefined) {
    return first.origin === null
      ? `Two connections from ${placeInWords(first)}`
      : `Two ${browserInWords(first.userAgent)} tabs on ${placeInWords(first)}`
  }
  if (contenders.length === 2) return `${capital(oneInWords(first))} and ${oneInWords(second)}`
  const places = [...new Set(contenders.map(placeInWords))]
  const others = places.length > 2 ? [...places.slice(0, 2), 'elsewhere'] : places
  return `${contenders.length} clients on ${listInWords(others)}`
}

/** `Chrome on app.example at 10.0.0.1` */
export function oneInWords(contender: Contender): string {
  if (contender.origin === null) return `a client at ${contender.address}`
  return `${browserInWords(contender.userAgent)} on ${placeInWords(contender)} at ${contender.address}`
}

/** The host of the page; the path is that of the MQTT endpoint, which is the same for all pages. */
function placeInWords({ origin, address }: Contender): string {
  return origin === null ? address : origin.replace(/^https?:\/\//, '')
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Browsers first: there it is nearly always two tabs with one id in localStorage. */
export function adviceFor({ contenders, clientId }: ConflictFacts): ConflictAdvice[] {
  const inBrowser = contenders.some(one => one.origin !== null)
  return inBrowser ? [suffixPerTab(clientId), leaderTab(clientId)] : [ONE_ID_PER_DEVICE]
}

function suffixPerTab(clientId: string): ConflictAdvice {
  return {
    title: 'Give each tab a client id of its own',
    text: 'sessionStorage belongs to one tab and survives a reload, so each tab keeps its own session. A duplicated tab starts with a copy of it: choose anew when the page was opened that way.',
    code: `const navigation = performance.getEntriesByType('navigation')[0]
const isReload = navigation !== undefined && navigation.type === 'reload'
let suffix = isReload ? sessionStorage.getItem('mqtt-suffix') : null
if (suffix === null) {
  suffix = Math.random().toString(36).slice(2, 10)
  sessionStorage.setItem('mqtt-suffix', suffix)
}
const client = new Paho.Client(url, ${codeLiteral(`${clientId}-`)} + suffix)`,
  }
}

function leaderTab(clientId: string): ConflictAdvice {
  return {
    title: 'Or let one tab connect for all of them',
    text: 'The browser gives the lock to one tab at a time, and to the next one when that tab is closed. The tab that has it connects and tells the others.',
    code: `const channel = new BroadcastChannel('mqtt')
navigator.locks.request('mqtt-connection', async () => {
  const client = new Paho.Client(url, ${codeLiteral(clientId)})
  client.onMessageArrived = message =>
    channel.postMessage({ topic: message.destinationName, payload: message.payloadString })
  client.connect({ cleanSession: false, reconnect: true })
  await new Promise(() => undefined) // keeps the lock until the tab is closed
})
channel.onmessage = event => show(event.data)`,
  }
}

const ONE_ID_PER_DEVICE: ConflictAdvice = {
  title: 'Give each client an id of its own',
  text: 'Two programs, or one program started twice, were configured with the same client id. Derive it from what only that device has, a serial number for example; if one of them is not meant to run, hold the client id and see who stops.',
  code: null,
}
