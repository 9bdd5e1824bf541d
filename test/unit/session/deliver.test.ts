// The sending side as a table: each state of a message in flight x PUBACK, PUBREC, PUBREC of a failure, PUBCOMP.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PacketId } from '../../../server/protocol/packet.ts'
import { onPuback, onPubcomp, onPubrec } from '../../../server/session/deliver.ts'
import { start } from '../../../server/session/pump.ts'
import type { Step } from '../../../server/session/step.ts'
import { type Stage, stage } from './stage.ts'

const ID = 1 as PacketId

const states = {
  'not in flight': async () => staged(1, 'none'),
  'published at QoS 1': async () => staged(1, 'published'),
  'published at QoS 2': async () => staged(2, 'published'),
  'released at QoS 2': async () => staged(2, 'released'),
} as const

const events = {
  PUBACK: (made: Stage) => onPuback(made.attachment, ID),
  PUBREC: (made: Stage) => onPubrec(made.attachment, ID, 0x10),
  'PUBREC 0x97': (made: Stage) => onPubrec(made.attachment, ID, 0x97),
  PUBCOMP: (made: Stage) => onPubcomp(made.attachment, ID),
} as const

/** persist, what is sent with its code, whether the connection ends. */
type Outcome = 'nothing' | 'finish' | 'release, pubrel 0' | 'pubrel 0' | 'pubrel 146' | 'protocol-error'

const table: Record<keyof typeof states, Record<keyof typeof events, Outcome>> = {
  'not in flight': {
    PUBACK: 'nothing',
    PUBREC: 'pubrel 146',
    'PUBREC 0x97': 'pubrel 146',
    PUBCOMP: 'nothing',
  },
  'published at QoS 1': {
    PUBACK: 'finish',
    PUBREC: 'protocol-error',
    'PUBREC 0x97': 'protocol-error',
    PUBCOMP: 'protocol-error',
  },
  'published at QoS 2': {
    PUBACK: 'protocol-error',
    PUBREC: 'release, pubrel 0',
    'PUBREC 0x97': 'finish',
    PUBCOMP: 'protocol-error',
  },
  'released at QoS 2': {
    PUBACK: 'protocol-error',
    PUBREC: 'pubrel 0',
    'PUBREC 0x97': 'finish',
    PUBCOMP: 'finish',
  },
}

async function staged(qos: 1 | 2, at: 'none' | 'published' | 'released'): Promise<Stage> {
  const made = await stage({ sendQuota: 3 })
  if (at === 'none') return made
  made.enqueueAt(qos, 'message')
  start(made.attachment, made.context)
  const entry = made.session.sending?.get(ID)
  if (at === 'released' && entry !== undefined) made.store.release(made.session.lease, entry)
  return made
}

function outcomeOf(step: Step): string {
  if (step.close !== undefined) return step.close.fault
  const sent = step.send !== undefined && 'code' in step.send ? `${step.send.type} ${step.send.code}` : ''
  return [step.persist?.change ?? '', sent].filter(part => part !== '').join(', ') || 'nothing'
}

for (const state of Object.keys(states) as (keyof typeof states)[]) {
  for (const event of Object.keys(events) as (keyof typeof events)[]) {
    const expected = table[state][event]
    test(`${state}: ${event} leads to ${expected} [MQTT5-4.3.2-3] [MQTT5-4.3.3-4] [MQTT5-4.4.0-2]`, async () => {
      const made = await states[state]()
      const before = made.attachment.sendQuota
      const step = events[event](made)
      assert.equal(outcomeOf(step), expected)
      const finished = expected === 'finish'
      assert.equal(made.attachment.sendQuota - before, finished ? 1 : 0)
      if (state !== 'not in flight') assert.equal(made.session.sending?.get(ID) !== undefined, !finished)
    })
  }
}

test('the step that releases names the entry, so that the store can keep its state [MQTT5-4.3.3-5]', async () => {
  const made = await staged(2, 'published')
  const entry = made.session.sending?.get(ID)
  const { persist } = onPubrec(made.attachment, ID, 0)
  assert.ok(persist?.change === 'release')
  assert.equal(persist.entry, entry)
})

test('the window never grows past its start, however often a client acknowledges [MQTT5-4.9.0-1]', async () => {
  const made = await staged(1, 'published')
  for (let count = 0; count < 5; count++) onPuback(made.attachment, ID)
  assert.equal(made.attachment.sendQuota, 3)
})
