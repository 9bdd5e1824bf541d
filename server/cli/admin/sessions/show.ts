// `sessions show` and `diagnose`: all there is to say of one session, and what is the matter with it.

import type { Diagnosis } from '../../../../shared/diagnosis.ts'
import { pathSegment } from '../../../../shared/path-segment.ts'
import { bytesInWords, countInWords, numberInWords, spanInWords } from '../../../../shared/plain-words.ts'
import type { Printer } from '../printer.ts'
import type { AdminSpec } from '../spec.ts'
import type { DetailAnswer } from './answers.ts'
import { clientIdOperand } from './client-id.ts'
import { sessionsGroup } from './list.ts'
import { expiryText, remoteText, stateText, versionText } from './session-columns.ts'

export const sessionShowCommands: readonly AdminSpec[] = [
  {
    name: 'sessions show',
    group: sessionsGroup,
    summary: 'Show one session.',
    operands: clientIdOperand,
    run: async ({ api, print, operands }) => {
      const { body } = await api.get(`/sessions/${pathSegment(operands[0] ?? '')}`)
      if (print.isJson) print.json(body)
      else showSession(print, body as DetailAnswer)
    },
  },
  {
    name: 'sessions diagnose',
    group: sessionsGroup,
    summary: 'Say what is the matter with a session, from which facts, and what can be done.',
    operands: clientIdOperand,
    run: async ({ api, print, operands }) => {
      const clientId = operands[0] ?? ''
      const { body } = await api.get(`/sessions/${pathSegment(clientId)}/diagnosis`)
      if (print.isJson) print.json(body)
      else showDiagnosis(print, body as Diagnosis)
    },
  },
]

function showSession(print: Printer, session: DetailAnswer): void {
  const { queued, inflight, counters, limits, remote, hold } = session
  print.facts([
    ['Client id', session.clientId],
    ['State', session.stuck === null ? stateText(session) : `${stateText(session)}: ${session.stuck}`],
    ['Owner', session.owner || undefined],
    [
      'Connected',
      session.connected ? print.time(session.connectedAt) : `no; seen ${print.time(session.lastSeenAt)}`,
    ],
    ['From', remote === null ? undefined : `${remoteText(remote)} (${remote.transport})`],
    ['Page', remote?.origin == null ? undefined : `${remote.origin} at ${remote.path ?? '/'}`],
    ['Browser', remote?.userAgent ?? undefined],
    ['MQTT', `${versionText(session.protocol)}${cleanText(session.clean)}`],
    ['Keep alive', keepAliveText(session.keepAliveSeconds)],
    [
      'Queued',
      `${numberInWords(queued.count)} of ${countInWords(limits.messagesMax, 'message')}, ${queuedBytes(session)}`,
    ],
    ['When full', queued.overflow],
    [
      'In flight',
      `${numberInWords(inflight.out)}${inflight.outLimit === null ? '' : ` of ${inflight.outLimit}`}`,
    ],
    ['Lost', lostText(counters.lost)],
    ['Subscriptions', numberInWords(session.subscriptions)],
    ['Expires', expiresText(print, session)],
    ['Will', willText(session.will)],
    [
      'Held',
      hold === null ? undefined : `until ${print.time(hold.until)} by ${hold.by}${because(hold.reason)}`,
    ],
    ['Created', print.time(session.createdAt)],
    ['Version', `${session.generation}.${session.version}`],
  ])
  for (const { id, what, messages, undoUntil } of session.undo) {
    const taken =
      what === 'session' ? 'A session of this client id was taken away' : 'Messages were taken away'
    print.line(
      `${taken} (${countInWords(messages, 'message')}); to take it back (${print.deadline(undoUntil)}): holdfast undo ${id}`,
    )
  }
}

function queuedBytes({ queued, limits }: DetailAnswer): string {
  return `${bytesInWords(queued.bytes)} of ${bytesInWords(limits.bytesMax)}`
}

function cleanText(clean: boolean | null): string {
  return clean === null ? '' : `, clean ${clean ? 'yes' : 'no'}`
}

function keepAliveText(seconds: number | null): string | undefined {
  return seconds === null ? undefined : seconds === 0 ? 'none' : `${seconds} s`
}

function lostText(lost: DetailAnswer['counters']['lost']): string {
  return lost.map(({ reason, count }) => `${numberInWords(count)} ${reason}`).join(', ') || 'none'
}

function expiresText(print: Printer, session: DetailAnswer): string {
  const { intervalSeconds, source } = session.expiry
  const span = intervalSeconds === null ? '' : `, ${spanInWords(intervalSeconds * 1000)} after its connection`
  return `${expiryText(print, session)}${span} (set by ${source})`
}

function willText(will: DetailAnswer['will']): string | undefined {
  if (will === null) return undefined
  const delay = will.delaySeconds === 0 ? '' : `, ${will.delaySeconds} s late`
  return `${will.topic} (QoS ${will.qos}, ${bytesInWords(will.payloadBytes)}${will.retain ? ', retained' : ''}${delay})`
}

function because(reason: string | null): string {
  return reason === null ? '' : `: ${reason}`
}

function showDiagnosis(print: Printer, { sentence, facts, actions }: Diagnosis): void {
  print.line(sentence)
  print.line()
  print.table(
    [
      { title: 'Severity', text: fact => fact.severity },
      { title: 'Finding', text: fact => fact.code },
      { title: 'What', text: fact => fact.text },
    ],
    facts,
  )
  if (actions.length === 0) return
  print.line()
  print.line(`What helps: ${actions.join(', ')}.`)
}
