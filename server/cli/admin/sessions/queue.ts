// `sessions queue`, `inflight`, `subscriptions`: what a session holds. Looking changes nothing.

import { pathSegment } from '../../../../shared/path-segment.ts'
import { bytesInWords, countInWords, spanInWords } from '../../../../shared/plain-words.ts'
import { oneOfWords } from '../arguments.ts'
import { limitFlag } from '../flags.ts'
import { printList } from '../print-list.ts'
import type { Printer } from '../printer.ts'
import type { AdminSpec } from '../spec.ts'
import type { Column } from '../table.ts'
import {
  type InflightAnswer,
  type InflightRow,
  type Lane,
  lanes,
  type MessageAnswer,
  type SubscriptionAnswer,
} from './answers.ts'
import { clientIdOperand } from './client-id.ts'
import { sessionsGroup } from './list.ts'

export const sessionQueueCommands: readonly AdminSpec[] = [
  {
    name: 'sessions queue',
    group: sessionsGroup,
    summary: 'Show what waits for a session, without changing it.',
    operands: clientIdOperand,
    flags: [
      { name: '--topic', value: 'GLOB', meaning: 'Only messages with such a topic; * is anything.' },
      { name: '--qos', value: 'QOS', meaning: 'Only messages of QoS 0, 1 or 2.' },
      { name: '--payload', meaning: 'Show how payloads begin; the key needs the grant payload:read.' },
      limitFlag,
    ],
    run: async given => {
      const { operands, options, switches, print } = given
      const isPayload = switches.has('--payload')
      const query = {
        topic: options.get('--topic'),
        qos: oneOfWords(given, '--qos', ['0', '1', '2']),
        payload: isPayload ? 'preview' : undefined,
      }
      const path = `/sessions/${pathSegment(operands[0] ?? '')}/queue`
      await printList<MessageAnswer>(given, {
        path,
        query,
        columns: messageColumns(print, isPayload),
        what: 'message',
      })
    },
  },
  {
    name: 'sessions inflight',
    group: sessionsGroup,
    summary: 'Show what is in flight to and from a client, and what is awaited.',
    operands: clientIdOperand,
    run: async ({ api, print, operands }) => {
      const { body } = await api.get(`/sessions/${pathSegment(operands[0] ?? '')}/inflight`)
      if (print.isJson) print.json(body)
      else showInflight(print, body as InflightAnswer)
    },
  },
  {
    name: 'sessions subscriptions',
    group: sessionsGroup,
    summary: 'Show what a session subscribes to, and whether messages wait while its client is away.',
    operands: clientIdOperand,
    flags: [limitFlag],
    run: async given => {
      const path = `/sessions/${pathSegment(given.operands[0] ?? '')}/subscriptions`
      const columns = subscriptionColumns(given.print)
      await printList<SubscriptionAnswer>(given, { path, query: {}, columns, what: 'subscription' })
    },
  },
]

function messageColumns(print: Printer, isPayload: boolean): readonly Column<MessageAnswer>[] {
  const always: readonly Column<MessageAnswer>[] = [
    { title: '#', text: message => `${message.position ?? '-'}`, align: 'right' },
    { title: 'Seq', text: message => `${message.seq}`, align: 'right', onlyWide: true },
    { title: 'State', text: message => message.at },
    { title: 'Topic', text: message => message.topic ?? '(gone)', shrinksTo: 12 },
    { title: 'QoS', text: message => `${message.qos}${message.retain ? 'r' : ''}`, align: 'right' },
    { title: 'Size', text: message => bytesInWords(message.payloadBytes ?? message.bytes), align: 'right' },
    { title: 'Came', text: message => print.time(message.receivedAt) },
    {
      title: 'Ends',
      text: message => (message.expiresAt === null ? 'never' : print.time(message.expiresAt)),
    },
    { title: 'From', text: message => message.publisher || '-', shrinksTo: 8 },
    {
      title: 'Packet',
      text: message => `${message.packetId ?? '-'}${message.dup ? ' dup' : ''}`,
      onlyWide: true,
    },
  ]
  const payload: Column<MessageAnswer> = { title: 'Payload', text: payloadText, shrinksTo: 12 }
  return isPayload ? [...always, payload] : always
}

function payloadText({ payload }: MessageAnswer): string {
  if (payload == null) return '-'
  const more = payload.shownBytes < payload.bytes ? '...' : ''
  if (payload.text !== null) return `${payload.text}${more}`
  return `${Buffer.from(payload.base64, 'base64').toString('hex')}${more} (hex)`
}

const awaited: Readonly<Record<Lane, string>> = {
  puback: 'PUBACK of',
  pubrec: 'PUBREC of',
  pubcomp: 'PUBCOMP of',
  pubrel: 'PUBREL of',
}

function showInflight(print: Printer, { connected, window, lanes: awaitedBy, data }: InflightAnswer): void {
  const state = connected ? `connected, window ${window ?? '-'}` : 'not connected'
  const parts = lanes.map(lane => `${awaited[lane]} ${countInWords(awaitedBy[lane].count, 'message')}`)
  print.line(`The client is ${state}. Awaited: ${parts.join(', ')}.`)
  if (data.length > 0) print.table(inflightColumns, data)
}

const inflightColumns: readonly Column<InflightRow>[] = [
  { title: 'Awaited', text: ({ lane }) => lane.toUpperCase() },
  { title: 'Packet', text: ({ packetId }) => `${packetId}`, align: 'right' },
  { title: 'Topic', text: ({ topic }) => topic ?? '-', shrinksTo: 12 },
  { title: 'QoS', text: ({ qos }) => `${qos}`, align: 'right' },
  { title: 'Size', text: ({ bytes }) => (bytes === null ? '-' : bytesInWords(bytes)), align: 'right' },
  { title: 'For', text: ({ ageSeconds }) => (ageSeconds === null ? '-' : spanInWords(ageSeconds * 1000)) },
  { title: 'Again', text: ({ retries }) => `${retries ?? '-'}`, align: 'right' },
  { title: 'Stuck', text: ({ stuck }) => (stuck ? 'stuck' : '') },
]

function subscriptionColumns(print: Printer): readonly Column<SubscriptionAnswer>[] {
  return [
    { title: 'Topic filter', text: ({ topicFilter }) => topicFilter, shrinksTo: 16 },
    { title: 'QoS', text: ({ qos }) => `${qos}`, align: 'right' },
    { title: 'Since', text: ({ subscribedAt }) => print.time(subscribedAt) },
    { title: 'Waits offline', text: ({ queuesOffline }) => (queuesOffline.value ? 'yes' : 'no') },
    { title: 'Why', text: ({ queuesOffline }) => queuesOffline.why, shrinksTo: 12 },
    { title: 'No local', text: ({ noLocal }) => (noLocal ? 'yes' : 'no'), onlyWide: true },
    { title: 'Identifier', text: one => `${one.subscriptionIdentifier ?? '-'}`, onlyWide: true },
  ]
}
