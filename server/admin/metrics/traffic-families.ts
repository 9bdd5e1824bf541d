// Metrics of what goes through the broker: bytes, packets, messages and connections.

import type { Counters } from '../../events.ts'
import type { Admission } from '../../transport/admission.ts'
import type { Family } from './family.ts'
import { transports } from './transports.ts'

export function trafficFamilies(counters: Counters): readonly Family[] {
  return [
    {
      type: 'counter',
      name: 'holdfast_mqtt_received_bytes_total',
      help: 'Bytes from clients, framing of WebSocket and TCP aside.',
      read: () => counters.bytesReceived,
    },
    {
      type: 'counter',
      name: 'holdfast_mqtt_sent_bytes_total',
      help: 'Bytes to clients, framing of WebSocket and TCP aside.',
      read: () => counters.bytesSent,
    },
    {
      type: 'counter',
      name: 'holdfast_mqtt_received_packets_total',
      help: 'MQTT packets of any type from clients.',
      read: () => counters.packetsReceived,
    },
    {
      type: 'counter',
      name: 'holdfast_mqtt_sent_packets_total',
      help: 'MQTT packets of any type to clients.',
      read: () => counters.packetsSent,
    },
    {
      type: 'counter',
      name: 'holdfast_mqtt_received_messages_total',
      help: 'PUBLISH packets from clients.',
      read: () => counters.messagesReceived,
    },
    {
      type: 'counter',
      name: 'holdfast_mqtt_sent_messages_total',
      help: 'PUBLISH packets to clients, repeated ones included.',
      read: () => counters.messagesSent,
    },
    {
      type: 'counter',
      name: 'holdfast_mqtt_received_payload_bytes_total',
      help: 'Payload of PUBLISH packets from clients.',
      read: () => counters.payloadBytesReceived,
    },
    {
      type: 'counter',
      name: 'holdfast_mqtt_sent_payload_bytes_total',
      help: 'Payload of PUBLISH packets to clients.',
      read: () => counters.payloadBytesSent,
    },
  ]
}

export function connectionFamilies(admission: Admission, connectionsMax: number): readonly Family[] {
  const each = (of: 'open' | 'entered' | 'refused') => () =>
    Object.entries(admission.byTransport).map(([transport, counts]) => [{ transport }, counts[of]] as const)
  return [
    {
      type: 'gauge',
      name: 'holdfast_connections',
      help: 'Connections that are open, whether or not CONNECT has come.',
      labels: { transport: transports },
      read: each('open'),
    },
    {
      type: 'gauge',
      name: 'holdfast_connections_limit',
      help: 'The most connections there may be (`connections-max`).',
      read: () => connectionsMax,
    },
    {
      type: 'counter',
      name: 'holdfast_connections_opened_total',
      help: 'Connections that were taken.',
      labels: { transport: transports },
      read: each('entered'),
    },
    {
      type: 'counter',
      name: 'holdfast_connections_refused_total',
      help: 'Connections that were closed at once, for there were too many in all or from one address.',
      labels: { transport: transports },
      read: each('refused'),
    },
  ]
}
