// What this broker keeps and for how long, in words, each with the settings that say so.

import type { StartFacts } from '../../../shared/start-facts.ts'
import { wordBytes, wordCount, wordDuration } from '../../app/words.ts'

export interface Kept {
  readonly name: string
  readonly sentence: string
  readonly settings: readonly string[]
}

const overflow = {
  'drop-oldest': 'then the oldest give way',
  'drop-newest': 'then new ones are dropped',
  reject: 'then publishers are refused',
} as const

const durability = {
  sync: 'On disk; an acknowledgement means that the disk has it.',
  os: 'On disk; an acknowledgement means that the operating system has it.',
  memory: 'On disk, written a little after the acknowledgement.',
} as const

export function whatIsKept(facts: StartFacts): readonly Kept[] {
  const { queueMessagesMax, queueBytesMax } = facts
  return [
    {
      name: 'Session',
      sentence: session(facts.sessionExpirySeconds),
      settings: ['session-expiry-default', 'session-expiry-max'],
    },
    {
      name: 'QoS 1 and 2',
      sentence: `${wordCount(queueMessagesMax)} messages or ${wordBytes(queueBytesMax)} wait for each session, ${overflow[facts.queueOverflow]}.`,
      settings: ['queue-messages-max', 'queue-bytes-max', 'queue-overflow'],
    },
    {
      name: 'QoS 0',
      sentence: facts.queueQos0 ? 'Waits as well.' : 'Does not wait: only clients that are connected get it.',
      settings: ['queue-qos0'],
    },
    {
      name: 'Where',
      sentence:
        facts.store === 'memory'
          ? 'In memory: all of it ends with the broker.'
          : durability[facts.durability],
      settings: facts.store === 'memory' ? ['store'] : ['store', 'durability'],
    },
  ]
}

function session(expirySeconds: number | null): string {
  if (expirySeconds === null) return 'Until its client ends it, however long it stays away.'
  if (expirySeconds === 0) return 'No longer than the connection: session-expiry-max is 0.'
  return `${wordDuration(expirySeconds)} after its client has left, for 3.1 and 3.1.1 with clean session off.`
}
