// `sessions kick`, `clean`, `expire`, `clear`, `hold` and `set-expiry`.

import { PLAN_HOLD_SECONDS_DEFAULT } from '../../../../shared/plan.ts'
import { CliProblem } from '../cli-problem.ts'
import {
  expiryFlags,
  expiryOf,
  holdFlag,
  holdSecondsOf,
  messageFilterOf,
  messageFlags,
  pinnedOf,
  willFlag,
} from '../plans/plan-options.ts'
import type { Arguments } from '../spec.ts'
import type { SingleRequest, Verb } from './acts.ts'

export const verbs: readonly Verb[] = [
  {
    name: 'kick',
    summary: 'Disconnect clients; what their sessions hold stays.',
    explanation: 'A Paho JS client that reconnects by itself is back within a second: --hold keeps it out.',
    flags: [willFlag, holdFlag],
    action: 'disconnect',
    single: given => (given.options.has('--hold') ? undefined : willed(given, 'DELETE', '/connection')),
  },
  {
    name: 'clean',
    summary: 'End sessions with their subscriptions and messages; they can be restored for a while.',
    explanation:
      'A connection that is open is closed. What is published until they are restored is not queued for them.',
    flags: [willFlag, holdFlag],
    action: 'clean',
    single: given => (given.options.has('--hold') ? undefined : willed(given, 'DELETE', '')),
  },
  {
    name: 'expire',
    summary: 'Let offline sessions expire now, as they would at their time.',
    explanation:
      'Delayed wills are published as they are on expiry. A session that is connected is cleaned instead.',
    flags: [],
    action: 'expire',
    single: () => ({ method: 'POST', path: '/expire', body: {} }),
  },
  {
    name: 'clear',
    summary: 'Take messages that wait out of the queues of sessions, all or some.',
    explanation: 'Connections, subscriptions and what is in flight stay.',
    flags: messageFlags,
    action: 'clear-queue',
    single: given =>
      messageFilterOf(given) === undefined ? { method: 'DELETE', path: '/queue' } : undefined,
    actionOf: given => (messageFilterOf(given) === undefined ? 'clear-queue' : 'messages.remove'),
  },
  {
    name: 'hold',
    summary: 'Refuse client ids for a while, whether they have a session or not.',
    explanation: 'A restart of the broker ends it; `holdfast sessions release` does, too.',
    flags: [
      {
        name: '--for',
        value: 'SPAN',
        meaning: `For how long (default ${PLAN_HOLD_SECONDS_DEFAULT}s, at most 1d).`,
      },
      { name: '--kick', meaning: 'Close its connection, too; of one client id.' },
      willFlag,
    ],
    action: 'hold',
    single: given => {
      const seconds = holdSecondsOf(given, '--for')
      const disconnect = given.switches.has('--kick')
      const suppressWill = given.switches.has('--no-will')
      const body = { seconds, disconnect, suppressWill }
      return { method: 'POST', path: '/hold', body, isOfClientId: true }
    },
    options: given => ({ holdSeconds: holdSecondsOf(given, '--for') ?? PLAN_HOLD_SECONDS_DEFAULT }),
  },
  {
    name: 'set-expiry',
    summary: 'Set when sessions expire, once or for all their connections.',
    explanation: 'To end a session now, expire or clean it.',
    flags: expiryFlags,
    action: 'set-expiry',
    single: expiryRequest,
  },
]

function willed(given: Arguments, method: 'DELETE', path: string): SingleRequest {
  return given.switches.has('--no-will') ? { method, path, query: { suppressWill: true } } : { method, path }
}

function expiryRequest(given: Arguments): SingleRequest {
  const expiry = expiryOf(given)
  const pinned = pinnedOf(given)
  if (expiry === undefined && pinned === undefined)
    throw new CliProblem(
      'wrongUsage',
      'Say when they expire: --after SPAN or --at TIME, or --pin or --unpin alone.',
    )
  const when =
    expiry === undefined
      ? {}
      : 'at' in expiry
        ? { expiresAt: expiry.at }
        : expiry.seconds === null
          ? { never: true }
          : { expirySeconds: expiry.seconds }
  return { method: 'PATCH', path: '', body: { ...when, pinned } }
}
