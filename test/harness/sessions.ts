// Short words for tests about sessions that outlive their connection, in any version.

import type { QoS } from '../../server/protocol/packet.ts'
import type { Outgoing } from './packets.ts'
import { type Address, RawClient, type RawClientOptions } from './raw-client.ts'

type ConnectProperties = NonNullable<Outgoing<'connect'>['properties']>

/** CONNECT fields for a session that is resumed and kept; 3.x leaves the properties out. Without a keep alive: tests move the clock. */
export function persistent(
  clientId: string,
  properties: ConnectProperties = {},
): Partial<Outgoing<'connect'>> {
  return { clientId, clean: false, keepalive: 0, properties: { sessionExpiryInterval: 600, ...properties } }
}

/** Connects to the session of this client identifier, which is created when there is none. */
export function resume(
  broker: Address,
  clientId: string,
  options: RawClientOptions = {},
  properties: ConnectProperties = {},
): Promise<RawClient> {
  return RawClient.connected(broker, persistent(clientId, properties), options)
}

/** Makes a session with one subscription and leaves it offline. */
export async function subscribeAndLeave(
  broker: Address,
  clientId: string,
  topicFilter: string,
  qos: QoS,
  options: RawClientOptions = {},
): Promise<void> {
  const client = await resume(broker, clientId, options)
  await client.subscribe(topicFilter, qos)
  await client.disconnect()
}

/** The payloads of the next PUBLISHes, as text. */
export async function payloads(client: RawClient, count: number): Promise<string[]> {
  const publishes = await client.collect(count)
  return publishes.map(publish => publish.payload.toString())
}
