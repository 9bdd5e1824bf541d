// MQTT.js against the broker: what its users were promised about sessions.

import { after } from 'node:test'
import { connect, type IClientOptions, type MqttClient, ReasonCodes } from 'mqtt'
import type { ProtocolVersion } from '../../server/protocol/packet.ts'
import { brokerForFile } from '../harness/broker.ts'
import { type Command, type ConnectRequest, DrivenClient, type Driver } from './driven-client.ts'
import { flowScenarios } from './flow-scenarios.ts'
import { sceneSettings } from './scene.ts'
import { sessionScenarios } from './session-scenarios.ts'

const broker = brokerForFile(sceneSettings)
const RECONNECT_MS = 50

const commands = {
  publish: async (client: MqttClient, command: Extract<Command, { do: 'publish' }>, driven: DrivenClient) => {
    const { topic, payload, qos, retain = false, messageExpirySeconds } = command
    const properties =
      messageExpirySeconds === undefined ? {} : { messageExpiryInterval: messageExpirySeconds }
    client.publish(topic, payload, { qos, retain, properties }, error => {
      if (error === undefined || error === null) driven.onEvent({ event: 'delivered', payload })
    })
  },
  subscribe: async (client: MqttClient, { topicFilter, qos }: Extract<Command, { do: 'subscribe' }>) =>
    (await client.subscribeAsync(topicFilter, { qos }))[0]?.qos,
  disconnect: (client: MqttClient) => client.endAsync(),
}

function optionsFor(request: ConnectRequest, protocolVersion: ProtocolVersion): IClientOptions {
  const { clientId, clean, reconnect = false, sessionExpirySeconds = clean ? 0 : 600 } = request
  return {
    clientId,
    clean,
    protocolVersion,
    protocolId: protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
    reconnectPeriod: reconnect ? RECONNECT_MS : 0,
    resubscribe: false,
    ...(protocolVersion === 5 ? { properties: { sessionExpiryInterval: sessionExpirySeconds } } : {}),
  }
}

/** Resolves at the first CONNACK. */
function connectDriven(
  request: ConnectRequest,
  protocolVersion: ProtocolVersion,
  transport: Driver['transport'],
): Promise<DrivenClient> {
  const { address = broker } = request
  const url = transport === 'tcp' ? `mqtt://${address.host}:${address.port}` : address.websocketUrl
  const client = connect(url, optionsFor(request, protocolVersion))
  after(() => client.end(true))
  const driven: DrivenClient = new DrivenClient(command => {
    if (command.do === 'publish') return commands.publish(client, command, driven)
    return command.do === 'subscribe' ? commands.subscribe(client, command) : commands.disconnect(client)
  })
  let reason = 'closed'
  const { promise, resolve, reject } = Promise.withResolvers<DrivenClient>()
  client.on('connect', ({ sessionPresent }) => {
    driven.onEvent({ event: 'connected', sessionPresent })
    resolve(driven)
  })
  client.on('error', reject)
  client.on('disconnect', ({ reasonCode = 0 }) => {
    reason = ReasonCodes[reasonCode as keyof typeof ReasonCodes]
  })
  client.on('close', () => driven.onEvent({ event: 'lost', reason }))
  client.on('message', (topic, payload, { qos, retain, dup }) => {
    driven.onEvent({ event: 'message', topic, payload: payload.toString(), qos, retain, dup })
  })
  return promise
}

const versionNames = { 3: '3.1', 4: '3.1.1', 5: '5.0' }

for (const [version, transport] of [
  [4, 'tcp'],
  [5, 'tcp'],
  [4, 'websocket'],
  [5, 'websocket'],
] as const) {
  const driver: Driver = {
    name: `MQTT.js, ${versionNames[version]}, ${transport}`,
    protocolVersion: version,
    transport,
    connect: request => connectDriven(request, version, transport),
  }
  const scene = { driver, broker, skip: false } as const
  sessionScenarios(scene)
  flowScenarios(scene)
}
