// The part of the fleet that is connected: tabs, kiosks, sensors and a backend, two tabs that fight over one client id,
// and one that takes messages without acknowledging any.

import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { Random } from './random.ts'

export interface Addresses {
  readonly tcp: string
  readonly websocket: string
}

const shop = 'https://shop.example'
const SENSORS = 24
const SENSOR_EVERY_MS = 1_000
const ORDER_EVERY_MS = 400
const TAB_LEAVES_EVERY_MS = 4_000
const FIGHT_EVERY_MS = 1_000

/** Resolves when everybody has been started; returns what sends them all home. */
export async function play(addresses: Addresses): Promise<() => Promise<void>> {
  const random = new Random(7)
  const clients: MqttClient[] = []
  const timers: NodeJS.Timeout[] = []
  const every = (ms: number, act: () => void): void => void timers.push(setInterval(act, ms))
  const add = (client: MqttClient): MqttClient => {
    // Those that are fought off or kicked come back by themselves.
    client.on('error', error => console.error(`${client.options.clientId}: ${error.message}`))
    clients.push(client)
    return client
  }
  const tab = (
    clientId: string,
    filters: Readonly<Record<string, 0 | 1 | 2>>,
    options: IClientOptions = {},
  ) =>
    add(
      connect(addresses.websocket, {
        ...fromPage(shop, random),
        clientId,
        clean: false,
        protocolVersion: 4,
        keepalive: 45,
        ...options,
      }),
    ).on('connect', () => subscribe(clients, clientId, filters))

  const backend = add(connect(addresses.tcp, { clientId: 'shop-backend', clean: true, protocolVersion: 5 }))
  every(ORDER_EVERY_MS, () => publishOrder(backend, random))
  const tabs = Array.from({ length: 36 }, () =>
    tab(`web-shop-${random.hex(6)}`, { [`orders/${random.integer(1, 900)}/status`]: 1, 'shop/notices': 0 }),
  )
  every(TAB_LEAVES_EVERY_MS, () => comeAndGo(random.pick(tabs)))
  for (let index = 1; index <= 30; index++)
    tab(`web-kiosk-${String(index).padStart(2, '0')}`, { 'kiosk/all/offers': 1, [`kiosk/${index}/#`]: 1 })
  for (let index = 1; index <= SENSORS; index++) every(SENSOR_EVERY_MS, sensor(addresses, index, random, add))
  fight(addresses, random, every, add)
  // It takes twenty messages and acknowledges none of them: what happens to a page that hangs in its handler.
  tab('web-orders-wall', { 'orders/+/status': 1 }, { customHandleAcks: () => undefined })
  await new Promise(resolve => setTimeout(resolve, 1_500))
  return async () => {
    for (const timer of timers) clearInterval(timer)
    await Promise.all(clients.map(client => client.endAsync(true)))
  }
}

function fromPage(origin: string, random: Random): IClientOptions {
  const version = random.integer(138, 142)
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`
  return { wsOptions: { headers: { origin, 'user-agent': userAgent } }, reconnectPeriod: 1_000 }
}

function subscribe(
  clients: readonly MqttClient[],
  clientId: string,
  filters: Readonly<Record<string, 0 | 1 | 2>>,
): void {
  const client = clients.find(one => one.options.clientId === clientId)
  client?.subscribe(
    Object.fromEntries(Object.entries(filters).map(([filter, qos]) => [filter, { qos }])),
    error => error !== null && console.error(`${clientId}: ${error.message}`),
  )
}

function publishOrder(backend: MqttClient, random: Random): void {
  const order = random.integer(1, 900)
  const status = random.pick(['paid', 'picked', 'packed', 'sent'])
  const publish = (topic: string, content: unknown, retain = false): void =>
    void backend.publish(topic, JSON.stringify(content), { qos: 1, retain })
  publish(`orders/${order}/status`, { order, status, at: new Date().toISOString() })
  if (random.next() < 0.4)
    publish(`shop/prices/${random.integer(1, 40)}`, { price: random.integer(100, 9_900) / 100 })
  if (random.next() < 0.1) publish('kiosk/all/offers', { offer: `${random.integer(5, 40)} % off` }, true)
  if (random.next() < 0.3)
    publish(`warehouse/picks/${random.integer(1, 60)}`, { order, shelf: random.hex(3) })
}

function sensor(
  addresses: Addresses,
  index: number,
  random: Random,
  add: (client: MqttClient) => MqttClient,
): () => void {
  const clientId = `sensor-plant-${String(index).padStart(2, '0')}`
  const topic = `plant/${(index % 4) + 1}/sensor/${index}/temperature`
  const will = {
    topic: `plant/sensor/${index}/state`,
    payload: Buffer.from('gone'),
    qos: 1 as const,
    retain: true,
  }
  const client = add(
    connect(addresses.tcp, {
      clientId,
      protocolVersion: 5,
      clean: false,
      properties: { sessionExpiryInterval: 3_600 },
      will,
    }),
  )
  client.on('connect', () => client.publish(`plant/sensor/${index}/state`, 'here', { qos: 1, retain: true }))
  return () => void client.publish(topic, `${(18 + random.next() * 6).toFixed(2)}`, { qos: 0, retain: true })
}

/** A tab that is closed and opened again: its session waits meanwhile. */
function comeAndGo(client: MqttClient): void {
  if (client.disconnecting || !client.connected) return
  client.end(true)
  setTimeout(() => client.reconnect(), 9_000)
}

/** Two tabs with one client id: each comes back as soon as the other has thrown it out. */
function fight(
  addresses: Addresses,
  random: Random,
  every: (ms: number, act: () => void) => void,
  add: (client: MqttClient) => MqttClient,
): void {
  const both = ['https://shop.example', 'https://admin.shop.example'].map(origin =>
    add(
      connect(addresses.websocket, {
        ...fromPage(origin, random),
        clientId: 'web-checkout',
        clean: false,
        protocolVersion: 4,
        reconnectPeriod: 0,
      }),
    ),
  )
  every(FIGHT_EVERY_MS, () => {
    for (const client of both) if (!client.connected && !client.reconnecting) client.reconnect()
  })
}
