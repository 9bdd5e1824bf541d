// Runs in the page: one Paho client, driven by commands, that reports what happens to it.

import type { ClientEvent, Command } from '../clients/driven-client.ts'

interface PahoMessage {
  readonly destinationName: string
  readonly payloadString: string
  readonly qos: 0 | 1 | 2
  readonly retained: boolean
  readonly duplicate: boolean
}

interface PahoError {
  readonly errorMessage: string
}

interface PahoClient {
  onMessageArrived: (message: PahoMessage) => void
  onMessageDelivered: (message: PahoMessage) => void
  onConnectionLost: (error: PahoError) => void
  onConnected: (reconnect: boolean, url: string) => void
  trace: (line: { readonly message: string }) => void
  connect(options: object): void
  subscribe(topicFilter: string, options: object): void
  publish(topic: string, payload: string, qos: number, retain: boolean): void
  disconnect(): void
}

export interface TabConnect {
  readonly url: string
  readonly clientId: string
  readonly clean: boolean
  readonly reconnect: boolean
  readonly keepAliveSeconds: number
  /** Absent: Paho tries 3.1.1, and 3.1 if that fails. */
  readonly mqttVersion?: 3 | 4
}

interface Socket {
  readonly readyState: number
  addEventListener(event: 'close', listener: () => void): void
}

declare const Paho: { Client: new (url: string, clientId: string) => PahoClient }
declare const report: (event: ClientEvent) => void
declare const WebSocket: new (url: string, protocols: string[]) => Socket
declare const window: { WebSocket: typeof WebSocket; tab: object }

const CLOSED = 3

let latestSocket: Socket | undefined
window.WebSocket = class extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols)
    latestSocket = this
  }
}

let client: PahoClient | undefined
/** Paho reads it and tells nobody but its trace. */
let sessionPresent = false

function readTrace(line: { readonly message: string }): void {
  const connack = /^"Client\._handleMessage"(\{"type":2\b.*\})$/.exec(line.message)?.[1]
  if (connack !== undefined) sessionPresent = JSON.parse(connack).sessionPresent === true
}

function connect(given: TabConnect): Promise<void> {
  const paho = new Paho.Client(given.url, given.clientId)
  client = paho
  paho.trace = readTrace
  paho.onConnected = () => report({ event: 'connected', sessionPresent })
  paho.onConnectionLost = error => report({ event: 'lost', reason: error.errorMessage })
  // At QoS 0 Paho calls what this returns, unless it is nothing.
  paho.onMessageDelivered = message => void report({ event: 'delivered', payload: message.payloadString })
  paho.onMessageArrived = message =>
    report({
      event: 'message',
      topic: message.destinationName,
      payload: message.payloadString,
      qos: message.qos,
      retain: message.retained,
      dup: message.duplicate,
    })
  return new Promise((resolve, reject) =>
    paho.connect({
      cleanSession: given.clean,
      reconnect: given.reconnect,
      keepAliveInterval: given.keepAliveSeconds,
      ...(given.mqttVersion === undefined ? {} : { mqttVersion: given.mqttVersion }),
      onSuccess: () => resolve(),
      onFailure: (error: PahoError) => reject(new Error(error.errorMessage)),
    }),
  )
}

function perform(command: Command): unknown {
  const paho = client!
  switch (command.do) {
    case 'publish':
      return paho.publish(command.topic, command.payload, command.qos, command.retain ?? false)
    case 'subscribe':
      return new Promise((resolve, reject) =>
        paho.subscribe(command.topicFilter, {
          qos: command.qos,
          onSuccess: (granted: { readonly grantedQos: Uint8Array }) => resolve(granted.grantedQos[0]),
          onFailure: reject,
        }),
      )
    case 'disconnect':
      return disconnect(paho)
  }
}

/** Paho forgets its socket at once; the broker has read DISCONNECT when its side is closed, too. */
function disconnect(paho: PahoClient): Promise<void> {
  const socket = latestSocket!
  paho.disconnect()
  if (socket.readyState === CLOSED) return Promise.resolve()
  return new Promise(resolve => socket.addEventListener('close', () => resolve()))
}

window.tab = { connect, perform }
