// A process that works on a store until it is killed: `process.ts DIRECTORY SEED STEP STATE`, a line for each step done.

import assert from 'node:assert/strict'
import type { PacketId } from '../../../server/protocol/packet.ts'
import type { Lease } from '../../../server/store/store.ts'
import { embeddedStore, payloadsOf } from '../../harness/embedded-store.ts'
import { message } from '../../store/contract/messages.ts'
import { receiver, START, Subject, safe } from '../../store/contract/subject.ts'
import { type Act, actOf, after, type State } from './script.ts'

const [directory = '', seed, firstStep, text = ''] = process.argv.slice(2)
const subject = await Subject.open(embeddedStore(directory))
const other = await subject.lease('b')
let state = JSON.parse(text) as State
let lease: Lease | undefined = state.session === undefined ? undefined : await subject.lease('a')

for (let step = Number(firstStep); ; step++) {
  const act = actOf(state, step, Number(seed))
  await perform(act)
  state = after(state, act)
  console.log(step)
}

async function perform(act: Act): Promise<void> {
  const { store } = subject
  switch (act.act) {
    case 'create':
      lease = await subject.lease('a')
      return
    case 'append':
      await subject.append(message(String(state.appended)), receiver(lease!.queue), receiver(other.queue))
      return
    case 'settle': {
      const entry = await subject.fetch(lease!)
      await subject.acknowledge(lease!, entry!)
      // What is acknowledged is written with the next thing that somebody waits for.
      await safe(store.keep(lease!, 1 as PacketId))
      return
    }
    case 'bury-session':
      await safe(
        store.bury(lease!.queue, { id: act.id, what: 'session' }, { now: START, purgeAt: START }).ticket,
      )
      return
    case 'bury-messages': {
      const all = await payloadsOf(store, lease!.queue)
      const seqs = [...all].filter(([, payload]) => act.payloads.includes(payload)).map(([seq]) => seq)
      const request = { id: act.id, what: 'queue', seqs } as const
      await safe(store.bury(lease!.queue, request, { now: START, purgeAt: START }).ticket)
      return
    }
    case 'restore':
      assert.equal((await store.restore(act.id, START)).at, 'restored')
      lease = await subject.lease('a')
      return
    case 'purge':
      await safe(store.purge(act.id))
      return
  }
}
