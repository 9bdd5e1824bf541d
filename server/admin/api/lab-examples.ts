// What the Lab's routes answer, as its documentation shows it.

import type { LabReport, LabResult, LabRun, LabSummary } from '../../../shared/lab.ts'
import type { LabFacts } from '../../../shared/lab-facts.ts'

export const factsExample: LabFacts = {
  version: '1.0.0',
  queueQos0: false,
  queueMessagesMax: 1_000,
  queueBytesMax: 16_777_216,
  queueOverflow: 'drop-oldest',
  sessionExpirySeconds: 604_800,
  retainedMessagesMax: 100_000,
  store: 'embedded',
  durability: 'sync',
  websocketUrl: 'ws://127.0.0.1:8080/mqtt',
  websocketPath: '/mqtt',
  websocketPort: 'here',
  websocketOrigins: ['localhost', 'same'],
}

export const runExample: LabRun = {
  id: '01M7Z0K3VQ8D5T1N6S2B4C9F7K',
  clientIdPrefix: 'lab/ana/01M7Z0K3VQ8D5T1N6S2B4C9F7K/',
  topicPrefix: 'lab/01M7Z0K3VQ8D5T1N6S2B4C9F7K/',
  tests: ['classic-4'],
  startedAt: '2026-11-26T12:00:00.000Z',
  expiresAt: '2026-11-26T12:15:00.000Z',
  by: 'ana',
}

const findings: LabReport['observed'] = [
  { check: 'granted', value: '1' },
  { check: 'acknowledged', value: '5' },
  { check: 'present', value: 'yes' },
  { check: 'arrived', value: '1 2 3 4 5' },
  { check: 'arrived-qos', value: '1' },
  { check: 'live', value: 'arrives' },
]

export const reportExample: LabReport = {
  test: 'classic-4',
  params: { publishQos: 1, subscribeQos: 1, clean: false, retain: false, messages: 5 },
  observed: findings,
  problem: null,
  ms: 41,
  packets: [
    {
      ms: 2.5,
      step: 'Connect',
      who: 'subscriber',
      to: 'broker',
      name: 'CONNECT',
      words: 'clean session off',
    },
  ],
}

export const summaryExample: LabSummary = {
  test: reportExample.test,
  params: reportExample.params,
  verdict: 'passed',
  difference: null,
  expected: findings,
  observed: findings,
  problem: null,
  ms: 41,
  at: '2026-11-26T12:00:01.000Z',
  by: 'ana',
}

export const resultExample: LabResult = {
  ...summaryExample,
  packets: reportExample.packets,
  timeline: [
    {
      id: 4_411,
      at: '2026-11-26T12:00:00.500Z',
      until: null,
      count: 1,
      kind: 'created',
      clientId: 'lab/ana/01M7Z0K3VQ8D5T1N6S2B4C9F7K/classic-4/sub',
      generation: '01M7Z0K4AAAAAAAAAAAAAAAAAA',
      actor: null,
      data: {},
    },
  ],
}
