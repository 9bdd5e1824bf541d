// A program in a few lines that is right for this broker: Paho JS with a session that outlives its connection.

export function pahoSnippet(url: string): string {
  return `// npm install paho-mqtt
import Paho from 'paho-mqtt'

const url = '${url}'
// One client id per tab or device: the session belongs to it.
const client = new Paho.Client(url, 'my-client-1')

// Set before connecting: what waited comes in right away.
client.onMessageArrived = message => {
  console.log(message.destinationName, message.payloadString)
}
client.onConnectionLost = ({ errorCode, errorMessage }) => {
  if (errorCode !== 0) console.warn(errorMessage)
}

client.connect({
  cleanSession: false, // the broker keeps the session
  mqttVersion: 4, // or Paho falls back to MQTT 3.1 unasked
  reconnect: true,
  keepAliveInterval: 45,
  onSuccess: () => client.subscribe('demo/#', { qos: 1 }),
  onFailure: ({ errorMessage }) => console.error(errorMessage),
})
`
}

/** The lines, each cut where its comment begins; `//` in an address begins none. */
export function snippetLines(
  snippet: string,
): readonly { readonly code: string; readonly comment: string }[] {
  return snippet
    .trimEnd()
    .split('\n')
    .map(line => {
      const at = line.search(/(?<=^|\s)\/\/ /)
      return at === -1 ? { code: line, comment: '' } : { code: line.slice(0, at), comment: line.slice(at) }
    })
}
