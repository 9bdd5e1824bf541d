// Examples of what the queue routes answer.

import type { Inflight, PayloadPart, QueueMessage, QueuePage } from '../../../shared/session-queue.ts'

const messageExample: QueueMessage = {
  seq: 4_411,
  position: 1,
  at: 'waiting',
  topic: 'orders/berlin/status',
  qos: 1,
  retain: false,
  bytes: 69_632,
  payloadBytes: 69_612,
  publisher: 'erp-7',
  receivedAt: '2026-11-21T12:00:00.000Z',
  expiresAt: null,
  packetId: null,
  sentAt: null,
  dup: false,
}

export const queuePageExample: QueuePage = {
  data: [messageExample],
  page: { next: null, hasMore: false, total: 1, totalIsExact: true },
  queue: {
    generation: '01JDXAMPE0000000000000000K',
    version: 412,
    messages: 1,
    waiting: 1,
    bytes: 69_632,
    messagesMax: 1_000,
    bytesMax: 16_777_216,
    overflow: 'drop-oldest',
    dropped: 0,
    note: 'Reading does not change delivery: nothing is taken, reordered or marked. The queue holds 1,000 messages or 16 MiB, in flight included; when it is full, the message that waits longest is dropped for the new one.',
  },
  lookedAt: 1,
}

export const payloadPartExample: PayloadPart = {
  seq: 4_411,
  topic: 'orders/berlin/status',
  bytes: 69_612,
  offset: 0,
  shownBytes: 15,
  nextOffset: 15,
  isText: true,
  as: 'text',
  data: '{"order": 1234,',
  properties: { contentType: 'application/json', userProperties: [['site', 'berlin']] },
}

const idle = { count: 0, oldestAt: null, stuck: 0 }

export const inflightExample: Inflight = {
  generation: '01JDXAMPE0000000000000000K',
  version: 412,
  connected: true,
  window: 20,
  lanes: {
    puback: { count: 1, oldestAt: '2026-11-21T12:00:00.000Z', stuck: 1 },
    pubrec: idle,
    pubcomp: idle,
    pubrel: idle,
  },
  data: [
    {
      lane: 'puback',
      packetId: 7,
      seq: 4_410,
      topic: 'orders/berlin/status',
      qos: 1,
      bytes: 512,
      sentAt: '2026-11-21T12:00:00.000Z',
      ageSeconds: 960,
      retries: 3,
      stuck: true,
    },
  ],
}
