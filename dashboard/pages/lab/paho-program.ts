// A test as a program with Paho JS that somebody can run without the Lab.

import type { LabParams } from '../../../shared/lab-tests.ts'

export function pahoProgram(
  url: string,
  { clean, retain, publishQos, subscribeQos, messages }: LabParams,
): string {
  return `// npm install paho-mqtt; runs in a browser.
import Paho from 'paho-mqtt'

const url = '${url}'
const topic = 'lab/by-hand'
const subscriber = new Paho.Client(url, 'lab-sub')
const publisher = new Paho.Client(url, 'lab-pub')
// Set before connecting: what waited comes right behind CONNACK.
subscriber.onMessageArrived = ({ payloadString, qos, retained }) =>
  console.log(\`arrived: \${payloadString}, QoS \${qos}, retain flag \${retained ? 'on' : 'off'}\`)

await connect(subscriber, ${clean})
await new Promise(onSuccess => subscriber.subscribe(topic, { qos: ${subscribeQos}, onSuccess }))
subscriber.disconnect()

await connect(publisher, true)
for (let number = 1; number <= ${messages}; number++) publisher.send(topic, \`\${number}\`, ${publishQos}, ${retain})
await new Promise(resolve => setTimeout(resolve, 1000))

console.log('coming back')
await connect(subscriber, ${clean})
publisher.send(topic, 'live', ${publishQos}, false)

function connect(client, cleanSession) {
  return new Promise((onSuccess, onFailure) =>
    client.connect({ cleanSession, mqttVersion: 4, keepAliveInterval: 45, onSuccess, onFailure }),
  )
}
`
}
