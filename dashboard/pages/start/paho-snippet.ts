// A program in a few lines that is right for this broker: Paho JS with a session that outlives its connection.

export function pahoSnippet(url: string): string {
  return `// npm install paho-mqtt
import Paho from 'paho-mqtt'

// The session belongs to this id: one for each tab or device, kept.
const client = new Paho.Client('${url}', 'my-client-1')

// Set before connecting: what waited arrives right behind the connection.
client.onMessageArrived = message => {
  console.log(message.destinationName, message.payloadString)
}
client.onConnectionLost = ({ errorCode, errorMessage }) => {
  if (errorCode !== 0) console.warn(errorMessage)
}

client.connect({
  cleanSession: false, // keep subscriptions and messages while away
  mqttVersion: 4, // or a failed attempt is repeated as MQTT 3.1
  reconnect: true,
  keepAliveInterval: 30,
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
