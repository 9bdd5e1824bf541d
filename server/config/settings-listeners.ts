// Settings: where the broker listens, who may connect, and where it keeps its data.

import { boolean, host, networks, oneOf, origins, orOff, path, port, urlPath } from './kind.ts'
import type { SettingTable } from './setting.ts'

export const listenerSettings = {
  host: {
    name: 'host',
    kind: host,
    default: '127.0.0.1',
    meaning: 'The address that the listeners for MQTT bind to.',
    because: 'A broker that nobody has configured is reachable from its own machine only.',
  },
  mqttPort: {
    name: 'mqtt-port',
    kind: orOff('off', port),
    default: '1883',
    meaning: 'The port for MQTT over TCP.',
    because: '1883 is the port registered for MQTT, and what clients try first.',
  },
  httpPort: {
    name: 'http-port',
    kind: orOff('off', port),
    default: '8080',
    meaning:
      'The port for MQTT over WebSocket and the start page, and for the admin API and the dashboard unless `admin-port` gives them one of their own.',
    because: '8080 needs no privileges and is the usual second web port.',
  },
  admin: {
    name: 'admin',
    kind: oneOf(['on', 'off']),
    default: 'on',
    meaning: 'Whether the admin API and the dashboard are served at all.',
    because:
      'Who is to see and do what, users and keys say; a broker that nobody is to operate needs neither.',
  },
  adminPort: {
    name: 'admin-port',
    kind: orOff('none', port),
    default: 'none',
    meaning:
      'A port for the admin API, the dashboard and metrics alone, which are not on `http-port` then; MQTT and the start page stay there, and health is on both.',
    because: 'One port is enough until clients and operators come from different networks.',
  },
  adminHost: {
    name: 'admin-host',
    kind: host,
    default: '127.0.0.1',
    meaning: 'The address that the listener on `admin-port` binds to.',
    because: 'Whoever gives operators a port of their own does not mean everybody to reach it.',
  },
  trustedProxies: {
    name: 'trusted-proxies',
    kind: networks,
    default: 'none',
    meaning:
      'Addresses and networks of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, so that log-in limits, audit and timelines see the address of the client.',
    because: 'Whoever else sends such a header may write any address into it.',
  },
  websocketPath: {
    name: 'websocket-path',
    kind: urlPath,
    default: '/mqtt',
    meaning: 'The URL path at which the HTTP listener accepts MQTT over WebSocket.',
    because: 'Paho and MQTT.js connect to /mqtt unless told otherwise.',
  },
  websocketOrigins: {
    name: 'websocket-origins',
    kind: origins,
    default: 'localhost',
    meaning:
      'The web pages that may connect over WebSocket, by Origin: `localhost` is any http or https page on localhost, 127.0.0.1 or [::1] at any port, `same` is the page that this listener serves itself, `*` is any.',
    because:
      'A page from anywhere could otherwise reach the broker of whoever opens it; clients that send no Origin are not browsers and always pass.',
  },
  websocketCompression: {
    name: 'websocket-compression',
    kind: boolean,
    default: 'false',
    meaning: 'Whether to accept the permessage-deflate extension.',
    because: 'It costs memory for each connection and CPU for each message, and MQTT messages are small.',
  },
  allowAnonymous: {
    name: 'allow-anonymous',
    kind: boolean,
    default: 'false',
    meaning:
      'Whether clients may connect without a user name when `host` is not a loopback address; on loopback they always may.',
    because: 'An open broker on a network has to be asked for.',
  },
  dataDir: {
    name: 'data-dir',
    kind: path,
    default: './data',
    meaning: 'The directory that holds sessions, messages and retained messages.',
    because: 'What belongs to a broker is found beside where it was started.',
  },
  store: {
    name: 'store',
    kind: oneOf(['embedded', 'memory']),
    default: 'embedded',
    meaning:
      'Where sessions, their queues and retained messages are kept: in the data directory, or in memory only.',
    because: 'Nothing that was acknowledged may be lost.',
  },
  durability: {
    name: 'durability',
    kind: oneOf(['sync', 'os', 'memory']),
    default: 'sync',
    meaning:
      'What an acknowledgement waits for with the embedded store: `sync` the disk, `os` the operating system, `memory` nothing.',
    because:
      'With `sync` nothing acknowledged is lost in a power cut; `os` survives a crash of the broker, `memory` a stop.',
  },
} as const satisfies SettingTable
